"""The door: an item of any shape becomes a `RawPost` that is safe to store, or is refused with a reason.

Whatever a crawler, a push or a file brings goes through `admit`: nothing else writes to the raw log.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from core.clock import derived_id
from core.effects import Message, message
from core.errors import Refused
from core.records import RawPost, Rejected
from core.topics import Topic
from nlp.cleaning import clean, clean_line, html_to_text
from nlp.counts import parse_count
from nlp.masking import hash_author, mask
from nlp.times import SHANGHAI, parse_time

TEXT_LIMIT = 100_000
"""Letters of a text. A longer one is a file, not a post."""

MARKUP_LIMIT = 1_000_000
"""Letters of a text before its markup is taken out."""

LINE_LIMIT = 500
"""Letters of a title, an author or an id."""

URL_LIMIT = 2_000
EXTRA_LIMIT = 32
EXTRA_VALUE_LIMIT = 1_000
EXCERPT_LIMIT = 2_000

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Nothing was published on the Chinese web before; an older time is a wrong clock or a wrong column."""

FIELDS = (
    "id", "source", "platform", "url", "at", "author", "author_since", "title", "text", "html", "reply_to", "root",
    "likes", "comments", "shares", "jurisdiction", "extra",
)  # fmt: skip
"""What an item may hold; everything else belongs under `extra`."""

_JURISDICTION = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}", re.ASCII)
_URL = re.compile(r"https?://[^\s\x00-\x1f\x7f-\xa0\ud800-\udfff]+", re.IGNORECASE)
_NO_COUNT = ("", "-", "--", "—")


@dataclass(frozen=True, slots=True)
class Admission:
    """What `admit` has to know: the defaults of the channel that items come by (`origin`), and the secret salt."""

    jurisdiction: str
    salt: str
    now: datetime
    origin: str
    source: str
    tz: ZoneInfo = SHANGHAI


def admit(item: object, rules: Admission) -> RawPost:
    """The post that an item holds: cleaned, masked, its author a pseudonym, its ids hashes within its source.

    Raises `Refused`, and nothing else, with one of the codes `not_an_object`, `unknown_field`, `wrong_type`,
    `missing_field`, `empty`, `too_long`, `bad_time`, `time_out_of_range`, `bad_url`, `bad_jurisdiction`, `bad_count`,
    `extra_too_large`.
    """
    fields = _known_fields(item)
    source = clean_line(_line(fields, "source")) or rules.source
    if not source:
        raise Refused("missing_field", "the field 'source' is missing, and this channel has no default for it")
    at = _time(fields, "at", rules) or rules.now
    title, text, masks = _words(fields)
    own_id = _line(fields, "id") or _own_id(fields, title, text)
    author, since = _line(fields, "author").strip(), _time(fields, "author_since", rules)
    return RawPost(
        id=derived_id(source, own_id),
        source=source,
        platform=clean_line(_line(fields, "platform")) or source,
        at=at,
        seen_at=rules.now,
        jurisdiction=_jurisdiction(fields.get("jurisdiction"), rules.jurisdiction),
        text=text,
        title=title,
        url=_url(_string(fields, "url", URL_LIMIT)),
        author=hash_author(author, source, rules.salt) if author else None,
        author_since=since.astimezone(rules.tz).date() if author and since else None,
        reply_to=_linked(_line(fields, "reply_to"), source),
        root=_linked(_line(fields, "root"), source),
        likes=_count(fields, "likes"),
        comments=_count(fields, "comments"),
        shares=_count(fields, "shares"),
        extra=_extra(fields.get("extra")),
        masks=masks,
    )


def digest(post: RawPost) -> str:
    """16 hex digits that change when content or counts do; when it was seen, and what was masked, do not matter."""
    parts = (post.title, post.text, post.url or "", str(post.likes), str(post.comments), str(post.shares))
    extra = (f"{key}\x1e{value}" for key, value in sorted(post.extra.items()))
    return hashlib.blake2b("\x1f".join((*parts, *extra)).encode(), digest_size=8).hexdigest()


def raw_message(post: RawPost, revision: int = 0) -> Message:
    """The post on its way into the raw log: the same post again is the same message, a changed one is another.

    `revision` is the one that it will be: a post that goes back to what it was long ago is news of what it is now.
    """
    return message(Topic.POSTS_RAW, post.jurisdiction, f"{post.id}:{revision}:{digest(post)}", post)


def rejected(item: object, error: Refused, origin: str, now: datetime, jurisdiction: str) -> Rejected:
    """The record of a refusal. Its excerpt is masked and leaves out the author and fields nobody knows."""
    shown = _show(item, depth=0)
    return Rejected(
        id=derived_id("rejected", origin, error.code, shown),
        at=now,
        origin=origin,
        code=error.code,
        reason=str(error),
        excerpt=mask(clean(shown[: 2 * EXCERPT_LIMIT])).text[:EXCERPT_LIMIT],
        jurisdiction=jurisdiction,
    )


# --- fields ----------------------------------------------------------------------------------------------------------


def _known_fields(item: object) -> dict[str, object]:
    if not isinstance(item, Mapping):
        raise Refused("not_an_object", f"a post is an object with fields, this is {_kind(item)}")
    for name in item:
        if name not in FIELDS:
            shown = clean_line(str(name)[:40]) if isinstance(name, str) else _kind(name)
            raise Refused("unknown_field", f"the field '{mask(shown).text}' is not known; put it under 'extra'")
    return {name: value for name, value in item.items() if value is not None}


def _kind(value: object) -> str:
    names = {
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        type(None): "nothing",
    }
    return names.get(type(value), "an object" if isinstance(value, Mapping) else "something else")


def _string(fields: Mapping[str, object], name: str, limit: int) -> str:
    """A text, or a whole number as text; empty when the field is missing."""
    value = fields.get(name, "")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return str(value)
    if not isinstance(value, str):
        raise Refused("wrong_type", f"the field '{name}' must be text, this is {_kind(value)}")
    if len(value) > limit:
        raise Refused("too_long", f"the field '{name}' has {len(value)} letters, at most {limit} are taken")
    return value


def _line(fields: Mapping[str, object], name: str) -> str:
    return _string(fields, name, LINE_LIMIT)


def _words(fields: Mapping[str, object]) -> tuple[str, str, dict[str, int]]:
    """Title and text as they are stored, and what was masked in them. A post with a title alone has it as text."""
    title = clean_line(_line(fields, "title"))
    text = clean(_string(fields, "text", MARKUP_LIMIT))
    if not text and (html := _string(fields, "html", MARKUP_LIMIT)):
        text = clean(html_to_text(html))
    if len(text) > TEXT_LIMIT:
        raise Refused("too_long", f"the text has {len(text)} letters, at most {TEXT_LIMIT} are taken")
    if not text:
        title, text = "", title
    if not text:
        raise Refused("empty", "there is no text to read in 'text', 'html' or 'title'")
    masked_title, masked_text = mask(title), mask(text)
    masks = dict(masked_text.kinds)
    for kind, count in masked_title.kinds.items():
        masks[kind] = masks.get(kind, 0) + count
    return masked_title.text, masked_text.text, masks


def _own_id(fields: Mapping[str, object], title: str, text: str) -> str:
    """What tells a post without an id from others of its source: its address, else what it says and when."""
    if url := _string(fields, "url", URL_LIMIT):
        return f"url\x1f{url}"
    return f"text\x1f{title}\x1f{text}\x1f{fields.get('at', '')}"


def _linked(own_id: str, source: str) -> str | None:
    return derived_id(source, own_id) if own_id else None


def _time(fields: Mapping[str, object], name: str, rules: Admission) -> datetime | None:
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | datetime):
        raise Refused("wrong_type", f"the field '{name}' must be a time, this is {_kind(value)}")
    at = _aware(value, rules.tz) if isinstance(value, datetime) else parse_time(value, rules.now, rules.tz)
    if at is None:
        raise Refused("bad_time", f"the time '{_shown(value)}' in the field '{name}' cannot be read")
    if not EARLIEST <= at <= rules.now + timedelta(days=1):
        said = f"the time '{_shown(value)}' in the field '{name}' lies before 1990 or in the future"
        raise Refused("time_out_of_range", said)
    return at


def _aware(value: datetime, tz: ZoneInfo) -> datetime:
    """A cell of a spreadsheet holds a time without its zone."""
    aware = value if value.tzinfo else value.replace(tzinfo=tz)
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        return aware.replace(tzinfo=UTC)


def _shown(value: object) -> str:
    return mask(clean_line(_show(value, depth=1)[:40])).text


def _jurisdiction(value: object, default: str) -> str:
    code = str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**12 else value
    if code is None or code == "":
        code = default
    if not isinstance(code, str) or not _JURISDICTION.fullmatch(code):
        raise Refused("bad_jurisdiction", "the jurisdiction must be a division code of 2, 4, 6, 9 or 12 digits")
    return code


def _url(address: str) -> str | None:
    address = address.strip()
    if not address:
        return None
    try:
        host = urlsplit(address).hostname if _URL.fullmatch(address) else None
        credentials = urlsplit(address).username
    except ValueError:
        host = credentials = None
    if not host or credentials is not None:
        raise Refused("bad_url", "the url must begin with http:// or https://, name a host and hold no password")
    return address


def _count(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    if value is None or (isinstance(value, str) and value.strip() in _NO_COUNT):
        return 0
    count = parse_count(value)
    if count is None:
        raise Refused("bad_count", f"'{_shown(value)}' in the field '{name}' is not a count")
    return count


def _extra(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Refused("wrong_type", f"the field 'extra' must be an object, this is {_kind(value)}")
    if len(value) > EXTRA_LIMIT:
        raise Refused("extra_too_large", f"'extra' has {len(value)} fields, at most {EXTRA_LIMIT} are taken")
    extra: dict[str, str] = {}
    for key, entry in value.items():
        if not isinstance(key, str) or len(key) > 64:
            raise Refused("extra_too_large", "the names in 'extra' must be texts of at most 64 letters")
        if entry is not None:
            extra[mask(clean_line(key)).text] = mask(clean(_extra_value(entry))).text
    return extra


def _extra_value(entry: object) -> str:
    if isinstance(entry, bool | float):
        return str(entry).lower()
    if isinstance(entry, int) and abs(entry) < 2**63:
        return str(entry)
    if not isinstance(entry, str):
        raise Refused("wrong_type", f"'extra' holds texts and numbers only, this is {_kind(entry)}")
    if len(entry) > EXTRA_VALUE_LIMIT:
        raise Refused("extra_too_large", f"a text in 'extra' may have at most {EXTRA_VALUE_LIMIT} letters")
    return entry


# --- what a refused item said ----------------------------------------------------------------------------------------


def _show(value: object, depth: int) -> str:
    """The item for a person to recognise, never deeper than three levels nor longer than the excerpt's double."""
    if isinstance(value, str):
        return value[: 2 * EXCERPT_LIMIT]
    if isinstance(value, bool | float) or value is None:
        return str(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 2**63 else "a huge number"
    if depth < 3 and isinstance(value, Mapping):
        return "; ".join(
            _show_field(name, entry, depth) for name, entry in islice(value.items(), 20) if entry is not None
        )
    if depth < 3 and isinstance(value, list | tuple):
        return ", ".join(_show(entry, depth + 1) for entry in islice(value, 20))
    return str(value) if isinstance(value, datetime) else "…"


def _show_field(name: object, entry: object, depth: int) -> str:
    known = depth > 0 or (name in FIELDS and name != "author")
    return f"{_show(name, 3)[:40]}: {_show(entry, depth + 1) if known else '…'}"
