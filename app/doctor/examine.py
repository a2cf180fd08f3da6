"""Runs checks one after the other: each ends in time and in one line, whatever a server does."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Thread

from core.errors import HuiyingError

PATIENCE_S = 20.0
"""Longer than the clients' own limits, whose errors say more; shorter than anybody's patience."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether all is well, and a sentence: what there is, or what to do."""

    good: bool
    said: str


@dataclass(frozen=True, slots=True)
class Check:
    """`look` may raise `HuiyingError` or `OSError` instead of finding something wrong.

    `needs` are the checks before it without which it could not know anything.
    """

    name: str
    look: Callable[[], Finding]
    needs: tuple[str, ...] = ()


def examine(checks: Iterable[Check], patience_s: float = PATIENCE_S) -> Iterator[tuple[str, Finding]]:
    """The finding of each check, as soon as it is known. Never raises; a check that hangs is left behind."""
    wrong: set[str] = set()
    for check in checks:
        blind = [name for name in check.needs if name in wrong]
        finding = Finding(False, f"not known while {blind[0]} is wrong") if blind else _in_time(check.look, patience_s)
        if not finding.good:
            wrong.add(check.name)
        yield check.name, Finding(finding.good, " ".join(finding.said.split()))


def _in_time(look: Callable[[], Finding], patience_s: float) -> Finding:
    """In a thread that ends with the process: no client's own limit holds in every state of its server."""
    found: list[Finding] = []
    thread = Thread(target=lambda: found.append(_caught(look)), daemon=True)
    thread.start()
    thread.join(patience_s)
    return found[0] if found else Finding(False, f"no answer within {patience_s:g} s")


def _caught(look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except (HuiyingError, OSError) as error:
        return Finding(False, str(error))
    except Exception as error:  # noqa: BLE001  # a bug in one check must not hide the findings of the others
        return Finding(False, f"the check itself failed ({type(error).__name__}): please report it")
