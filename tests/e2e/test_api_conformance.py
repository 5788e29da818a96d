"""The API answers as its document says, whatever it is sent: schemathesis against a real `pulse up`."""

import json
import subprocess
import sysconfig
from pathlib import Path

import httpx
import pytest

from tests.servers import pulse as server

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "ignored_auth",
)
CONFIGURATION = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 503]
"""
"""503: a site that was to be added did not answer."""


@pytest.mark.slow
def test_every_answer_is_one_of_those_documented(tmp_path: Path) -> None:
    program = Path(sysconfig.get_path("scripts")) / "schemathesis"
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    # No site answers so fast: nobody outside is asked for anything.
    settings = {"PULSE_STORAGE__POOL_SIZE": "5", "PULSE_FETCH__TIMEOUT_SECONDS": "0.001"}
    with server.up(tmp_path / "home", settings=settings) as pulse:
        ended = subprocess.run(
            [
                *(program, "--config-file", tmp_path / "schemathesis.toml", "run", f"{pulse.url}/openapi.json"),
                *("--header", f"Authorization: Bearer {pulse.token}", "--exclude-path", "/events"),
                *("--phases", "examples,fuzzing", "--max-examples", "12", "--generation-deterministic"),
                *("--checks", ",".join(CHECKS), "--suppress-health-check", "all", "--max-time", "45", "--no-color"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        said = ended.stdout[ended.stdout.find("= FAILURES =") :] if "= FAILURES =" in ended.stdout else ended.stdout
        assert ended.returncode == 0, said[-6000:] + ended.stderr[-1000:]
        assert httpx.get(f"{pulse.url}/health/ready", trust_env=False).status_code == 200
        lines = [json.loads(line) for line in pulse.log.read_text().splitlines() if line.startswith("{")]
        assert [line["message"] for line in lines if line["level"] == "error"] == []
