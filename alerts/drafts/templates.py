"""The words of the form, from YAML that is checked field by field."""

from pathlib import Path

import msgspec
import yaml

from core.errors import ConfigurationError

SHIPPED = Path(__file__).parent.parent / "data" / "templates.yaml"


class Templates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sentences of a reply; `heard` takes `{topic}`, `until`, `follow_up` and `closing` take `{unit}`."""

    greeting: str
    heard: str
    until: str
    follow_up: str
    closing: str
    refusal: str
    question_known: str
    question_doing: str
    question_posts: str
    ai_label: str


def load_templates(path: Path = SHIPPED) -> Templates:
    """Read the file; `ConfigurationError` names file and, where YAML gives it, the line."""
    try:
        templates = msgspec.convert(yaml.safe_load(path.read_text("utf-8")), Templates)
        templates.heard.format(topic="")
        for text in (templates.until, templates.follow_up, templates.closing):
            text.format(unit="")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{path}:{line}: {error.problem}") from error
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    return templates
