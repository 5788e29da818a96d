"""CPU seconds: of this process with its ended children, and of a Postgres server with all its processes."""

import os
import resource
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def own() -> float:
    """Return the CPU seconds of this process, its threads, and its children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def of_server(postmaster: int) -> float:
    """Return the CPU seconds of a server: its living processes, and those that ended (counted by the postmaster)."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parent, times = int(fields[1]), [int(value) for value in fields[11:15]]
        if int(folder.name) == postmaster:
            total += sum(times)
        elif parent == postmaster:
            total += times[0] + times[1]
    return total / _TICKS


def peak_memory() -> int:
    """Return the largest resident size this process had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
