"""Reading tables that people edit (YAML): typed rows, and an error that names file, line and reason."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from core.errors import ConfigurationError

T = TypeVar("T")


def mistake(path: Path, line: int, reason: str) -> ConfigurationError:
    """The error for a wrong table, to be raised by the caller."""
    return ConfigurationError(f"{path}, line {line}: {reason}")


def read_rows(path: Path, type_: type[T], key: str | None = None) -> list[tuple[int, T]]:
    """The rows of the list in `path` (of the list under `key`, in a file that holds several), each with its line.

    Raises `ConfigurationError` for a file that cannot be read, for broken YAML and for a row that is not a `type_`.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is not UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise mistake(path, line, error.problem or "broken YAML") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    return [(line, _convert(path, line, value, type_)) for line, value in _values(path, root, key)]


def _values(path: Path, root: yaml.Node | None, key: str | None) -> Iterator[tuple[int, object]]:
    rows = root
    if key is not None:
        pairs = root.value if isinstance(root, yaml.MappingNode) else []
        rows = next((value for name, value in pairs if name.value == key), None)
    if not isinstance(rows, yaml.SequenceNode):
        where = f"a list under {key!r}" if key else "a list"
        raise mistake(path, rows.start_mark.line + 1 if rows else 1, f"expected {where}")
    for node in rows.value:
        try:
            value = yaml.SafeLoader("").construct_object(node, deep=True)
        except yaml.YAMLError as error:
            raise mistake(path, node.start_mark.line + 1, str(error)) from error
        yield node.start_mark.line + 1, value


def _convert(path: Path, line: int, value: object, type_: type[T]) -> T:
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        raise mistake(path, line, str(error)) from error
