"""What an official text may not say: promises, blame, verdicts; as data."""

import re
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
import yaml
from msgspec import Struct

from core.errors import ConfigurationError

SHIPPED = Path(__file__).parent.parent / "data" / "tone.yaml"


class ToneRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pattern that may not stand in a draft, and why."""

    id: str
    severity: Literal["forbidden", "advice"]
    pattern: str
    why: str


class ToneHit(Struct, frozen=True, kw_only=True):
    """Words of a text that a rule is about."""

    rule: str
    severity: str
    words: str
    why: str


@cache
def load_tone(path: Path = SHIPPED) -> tuple[ToneRule, ...]:
    """Read the rules; `ConfigurationError` names the file and what is wrong."""
    try:
        rules = msgspec.convert(yaml.safe_load(path.read_text("utf-8")), tuple[ToneRule, ...])
        for rule in rules:
            re.compile(rule.pattern)
    except (OSError, ValueError, re.error, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    return rules


def tone(text: str, rules: tuple[ToneRule, ...] | None = None) -> list[ToneHit]:
    """What the rules have to say about a text, in their order."""
    return [
        ToneHit(rule=rule.id, severity=rule.severity, words=found.group(), why=rule.why)
        for rule in (load_tone() if rules is None else rules)
        for found in re.finditer(rule.pattern, text)
    ]


def forbidden(text: str) -> tuple[str, ...]:
    """The forbidden words of a text, each with why."""
    return tuple(dict.fromkeys(f"{hit.words}：{hit.why}" for hit in tone(text) if hit.severity == "forbidden"))
