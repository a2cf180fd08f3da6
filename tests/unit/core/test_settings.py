"""Settings: one example file that is true, and errors that name the setting."""

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.errors import ConfigurationError
from core.settings import PREFIX, Settings, load_settings, shown_settings

EXAMPLE = Path(__file__).resolve().parents[3] / "huiying.env.example"


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_example_file_names_every_setting_and_only_settings() -> None:
    lines = [line.removeprefix("# ") for line in EXAMPLE.read_text(encoding="utf-8").splitlines()]
    named = {line.partition("=")[0] for line in lines if line.startswith(PREFIX)}
    assert named == {PREFIX + name.upper() for name in Settings.model_fields}


def test_the_example_file_shows_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "huiying.env").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    from_file = load_settings({})
    (tmp_path / "huiying.env").unlink()
    assert from_file == load_settings({})


def test_a_wrong_value_is_an_error_that_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYING_PORT", "ninety")
    with pytest.raises(ConfigurationError, match="HUIYING_PORT"):
        load_settings(os.environ)


def test_a_misspelt_setting_is_an_error_that_names_the_right_one() -> None:
    with pytest.raises(ConfigurationError, match="did you mean HUIYING_DATA_DIR"):
        load_settings({"HUIYING_DATADIR": "x"})


def test_an_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYING_PORT", "1")
    assert load_settings(os.environ, port=2, host=None).port == 2


def test_a_secret_never_shows_itself() -> None:
    assert "hunter2" not in repr(load_settings({}, salt="hunter2"))


def test_what_is_in_force_is_shown_without_secrets() -> None:
    settings = Settings(
        salt=SecretStr("hush"), elasticsearch="https://me:hush@es1,https://me:hush@es2", retention_days=30
    )
    shown = {one.name: one for one in shown_settings(settings)}
    assert "hush" not in str(shown)
    assert (shown["HUIYING_SALT"].value, shown["HUIYING_SALT"].usual) == ("***", "")
    assert shown["HUIYING_ELASTICSEARCH"].value == "https://***@es1,https://***@es2"
    assert (shown["HUIYING_RETENTION_DAYS"].value, shown["HUIYING_RETENTION_DAYS"].usual) == ("30", "730")
    assert shown.keys() == {f"HUIYING_{name.upper()}" for name in Settings.model_fields}
