"""What the children of the tests are asked to do."""

import os
import time
from typing import Any


def work(data: bytes, *, what: str = "") -> Any:
    """Do what a test asks for; runs in the child."""
    if what == "spin":
        while True:
            pass
    if what == "sleep":
        time.sleep(60)
    if what == "eat":
        return len(bytes(10_000_000_000))
    if what == "die":
        os._exit(3)
    if what == "fail":
        raise ValueError("no good")
    if what == "print":
        print("noise")
    return {"size": len(data), "pid": os.getpid()}
