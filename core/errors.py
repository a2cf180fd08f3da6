"""Errors named by the reaction they want. Anything else is a bug and stops the process that meets it."""

from datetime import datetime


class HuiyingError(Exception):
    """Base of all errors that carry a message for a person."""


class RetryLater(HuiyingError):
    """The same call may succeed later; `after` says in how many seconds to try."""

    def __init__(self, message: str, after: float = 1.0) -> None:
        super().__init__(message)
        self.after = after


class Refused(HuiyingError):
    """The input can never be accepted; `code` is one of a bounded set, the message a sentence for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Conflict(HuiyingError):
    """Somebody else changed the object first: read it again and decide again."""


class Overtaken(Conflict):
    """Another worker has taken over this partition: drop what is held of it and read on from where that one stands."""


class IllegalMove(HuiyingError):
    """The case cannot do this as it stands; `possible` lists what it can. `code`, where it is not for its state alone."""

    def __init__(self, message: str, possible: tuple[str, ...], code: str | None = None) -> None:
        super().__init__(message)
        self.possible = possible
        self.code = code


class NotFound(HuiyingError):
    """No such object, or not for this caller."""


class ConfigurationError(HuiyingError):
    """A setting or a policy file is wrong; the message names the setting, or file and line, and what to do."""


class CalendarUnknown(HuiyingError):
    """The holiday calendar of a year is not published yet, so a working-day limit cannot be computed."""

    def __init__(self, year: int, asked_at: datetime) -> None:
        super().__init__(f"the working-day calendar of {year} is not known (asked from {asked_at:%Y-%m-%d})")
        self.year = year


class StorageError(HuiyingError):
    """The data directory or a server cannot be used: full, locked, foreign or damaged. The message says what to do."""
