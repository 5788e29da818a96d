"""`make bench`: every benchmark, one after the other. Each can be run alone: `python -m benchmarks.feeds --help`.

Quality is measured on public data sets; name the folder that holds them: `make bench DATA=folder`.
"""

import subprocess
import sys

ALWAYS = (
    ("Feeds: poll, parse, dedupe, store, events", ["benchmarks.feeds", "--scale", "10"]),
    ("API: list and detail", ["benchmarks.api"]),
    ("Language work: engine, gate and detection, on one core", ["benchmarks.language_work"]),
)
ON_DATA = (
    ("Summaries: quality and speed beside the baselines", ["pulse.cli", "eval", "summaries", "--data"]),
    ("Verifier: on the public sets, and on seeded false edits", ["pulse.cli", "eval", "verifier", "--data"]),
)


def main(data: str | None) -> int:
    """Run them all and return 1 when one failed."""
    failed = False
    for title, command in (*ALWAYS, *((title, [*command, data]) for title, command in ON_DATA if data)):
        print(f"\n## {title}\n", flush=True)
        failed |= bool(subprocess.run([sys.executable, "-m", *command], check=False).returncode)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
