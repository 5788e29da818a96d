"""`pulse demo` as a stranger starts it: the whole pipeline on the invented world, then the dashboard until Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_demo_keeps_every_promise_serves_the_dashboard_and_leaves_nothing_behind(tmp_path: Path) -> None:
    # A database that is set for Pulse must not be touched by the demo.
    environment = {
        **os.environ,
        "PULSE_HOME": str(tmp_path / "real"),
        "PULSE_STORAGE__URL": "postgresql://127.0.0.1:1/x",
    }
    command = [sys.executable, "-m", "pulse.cli", "demo", "--without-bluesky", "--no-open", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as demo:
        assert demo.stdout is not None
        try:
            document = json.loads(demo.stdout.readline())
            broken = [promise for promise in document["promises"] if not promise["kept"]]
            assert (document["ok"], broken) == (True, [])
            assert len(document["promises"]) >= 10
            assert document["passes"]["second"]["posts"]["published"] > 0
            bearer = {"Authorization": f"Bearer {document['token']}"}
            stories = httpx.get(f"{document['url']}/stories", headers=bearer, trust_env=False).raise_for_status().json()
            assert len(stories["stories"]) == document["passes"]["first"]["stories"]
            home = Path(document["home"])
            assert home.is_dir()
            demo.send_signal(signal.SIGINT)
            assert demo.wait(30) == 0
            assert not home.exists()
            assert not (tmp_path / "real").exists()
        finally:
            demo.kill()
