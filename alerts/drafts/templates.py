"""The words of the form, from YAML that is checked field by field."""

from pathlib import Path

import msgspec
import yaml

from core.errors import ConfigurationError

SHIPPED = Path(__file__).parent.parent / "data" / "templates.yaml"
_BLANKS = {
    "heard": ("topic",),
    "by": ("unit",),
    "until": ("due",),
    "follow_up": ("unit",),
    "closing": ("unit", "date"),
    "question_card": ("card",),
}


class Templates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sentences of a reply; the blanks that each may have are those of the shipped file.

    `known_lead` and `doing_lead` open the first fact of their part unless it opens with one of `own_leads`;
    `until_clocks` are the kinds of clock whose limit may be told to the public.
    """

    greeting: str
    heard: str
    by: str
    known_lead: str
    doing_lead: str
    until: str
    follow_up: str
    thanks: str
    closing: str
    until_clocks: tuple[str, ...]
    own_leads: tuple[str, ...]
    refusal: str
    question_known: str
    question_doing: str
    question_posts: str
    question_unit: str
    question_refute: str
    question_card: str
    ai_label: str


def load_templates(path: Path = SHIPPED) -> Templates:
    """Read the file; `ConfigurationError` names file and, where YAML gives it, the line."""
    try:
        templates = msgspec.convert(yaml.safe_load(path.read_text("utf-8")), Templates)
        for name, blanks in _BLANKS.items():
            getattr(templates, name).format(**dict.fromkeys(blanks, ""))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{path}:{line}: {error.problem}") from error
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    return templates
