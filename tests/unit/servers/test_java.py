"""Jars of a fetch that was cut off are not taken for the whole."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.servers import java


def test_a_fetch_that_was_cut_off_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As jgo does: what lies in its folder already is all there is."""
    cut = True

    def build(coordinates: str, cache_dir: Path) -> SimpleNamespace:
        nonlocal cut
        jars = sorted(cache_dir.glob("*.jar"))
        for name in [] if jars else ["a.jar", "b.jar", "c.jar"]:
            (cache_dir / name).write_text(name)
            if cut:
                cut = False
                raise KeyboardInterrupt
        return SimpleNamespace(all_jars=sorted(cache_dir.glob("*.jar")))

    monkeypatch.setattr(java.jgo, "build", build)
    monkeypatch.setattr(java, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(java.tempfile, "gettempdir", lambda: str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        java.jars("group:artifact:1", "ADDRESS")
    assert [jar.name for jar in java.jars("group:artifact:1", "ADDRESS")] == ["a.jar", "b.jar", "c.jar"]
    assert [jar.read_text() for jar in java.jars("group:artifact:1", "ADDRESS")] == ["a.jar", "b.jar", "c.jar"]
