import threading

from app.doctor.examine import Check, Finding, examine
from core.errors import StorageError


def well() -> Finding:
    return Finding(True, "well")


def test_a_check_that_hangs_is_left_behind_and_the_others_go_on():
    release = threading.Event()

    def hangs() -> Finding:
        release.wait()
        return well()

    found = dict(examine([Check("a", hangs), Check("b", well)], patience_s=0.05))
    release.set()
    assert found["a"] == Finding(False, "no answer within 0.05 s")
    assert found["b"].good


def test_errors_are_one_line_each_and_a_bug_tells_its_kind_only():
    def away() -> Finding:
        raise StorageError("the server\n  is away")

    def broken() -> Finding:
        raise KeyError("secret")

    def full() -> Finding:
        raise PermissionError(13, "Permission denied", "/data")

    found = dict(examine([Check("a", away), Check("b", broken), Check("c", full)]))
    assert found["a"] == Finding(False, "the server is away")
    assert found["b"] == Finding(False, "the check itself failed (KeyError): please report it")
    assert "/data" in found["c"].said


def test_what_needs_a_server_that_is_away_is_not_asked():
    asked = []

    def away() -> Finding:
        raise StorageError("away")

    def asks() -> Finding:
        asked.append(1)
        return well()

    checks = [Check("a", away), Check("b", asks, ("a",)), Check("c", asks, ("b",)), Check("d", asks, ("z",))]
    found = dict(examine(checks))
    assert found["b"].said == "not known while a is wrong"
    assert found["c"].said == "not known while b is wrong"
    assert found["d"].good, "what it needs was not looked at, so it looks for itself"
    assert len(asked) == 1
