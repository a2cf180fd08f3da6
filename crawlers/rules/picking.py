"""Values out of a page: by CSS, XPath, JSONPath (RFC 9535) or a pattern, whichever finds something first."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import jsonpath
from msgspec import Struct
from parsel import Selector

from core.errors import Refused

Node = Selector | dict[str, Any] | list[Any] | str | int | float | bool | None
LONGEST = 200_000
_BLANK = re.compile(r"\s+")


class Pick(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to a value: where (`css`, `xpath`, `json`, or a `text` with `{names}`), then the first group of `re`.

    `all` joins everything that is found with that word; `html` takes the markup instead of the words; `map` puts other
    words (templates) for what was found (`*` for whatever has none).
    """

    css: str = ""
    xpath: str = ""
    json: str = ""
    text: str = ""
    re: str = ""
    all: str | None = None
    html: bool = False
    map: dict[str, str] = {}


Picks = Sequence[Pick]
Written = str | Pick | list[str | Pick]
"""As a person writes it: `$...` is JSONPath, `/...` or `./...` XPath, `=...` a text, anything else CSS."""


def picks_of(written: Written) -> tuple[Pick, ...]:
    """The ways that were written, in order; raises `Refused` (`bad_rules`) for one that cannot work."""
    several = written if isinstance(written, list) else [written]
    picks = tuple(_pick_of(one) for one in several)
    for pick in picks:
        check(pick)
    return picks


def _pick_of(written: str | Pick) -> Pick:
    if isinstance(written, Pick):
        return written
    if written.startswith("$"):
        return Pick(json=written)
    if written.startswith(("/", "./", "(")):
        return Pick(xpath=written)
    return Pick(text=written[1:]) if written.startswith("=") else Pick(css=written)


def check(pick: Pick) -> None:
    """Raises `Refused` (`bad_rules`) where a selector cannot be read; the message quotes it."""
    ways = [pick.css, pick.xpath, pick.json, pick.text]
    if sum(map(bool, ways)) > 1 or not any((*ways, pick.re)):
        raise Refused("bad_rules", "a value is found by one of css, xpath, json, text, or by re alone")
    try:
        if pick.css:
            _PROBE.css(pick.css)
        if pick.xpath:
            _PROBE.xpath(pick.xpath)
        if pick.json:
            _path(pick.json)
        if pick.re:
            re.compile(pick.re)
    except Exception as error:  # each library has its own for a selector that it cannot read
        shown = pick.css or pick.xpath or pick.json or pick.re
        raise Refused("bad_rules", f"the selector {shown!r} cannot be read: {str(error)[:160]}") from error


_PROBE = Selector(text="<p></p>", type="html")


@lru_cache(maxsize=2_000)
def _path(path: str) -> jsonpath.JSONPath | jsonpath.CompoundJSONPath:
    return jsonpath.compile(path)


@lru_cache(maxsize=500)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def rows(node: Node, picks: Picks) -> list[Node]:
    """The parts of a page that a way leads to; the first way that finds some."""
    for pick in picks:
        found = _nodes(node, pick)
        if found:
            return found
    return []


def value(node: Node, picks: Picks, names: Mapping[str, str]) -> str:
    """The value that the first way which finds any leads to; empty when none does."""
    for pick in picks:
        found = _value(node, pick, names)
        if found:
            return found[:LONGEST]
    return ""


def _value(node: Node, pick: Pick, names: Mapping[str, str]) -> str:
    texts = [fill(pick.text, names)] if pick.text else _texts(node, pick)
    if pick.re:
        texts = [hit[1] if hit.re.groups else hit[0] for text in texts if (hit := _pattern(pick.re).search(text))]
    texts = [text for text in texts if text]
    if not texts:
        return ""
    text = texts[0] if pick.all is None else pick.all.join(texts)
    if pick.map:
        return fill(pick.map.get(text, pick.map.get("*", text)), names)
    return text


def _texts(node: Node, pick: Pick) -> list[str]:
    if not (pick.css or pick.xpath or pick.json):
        return [node.get() if isinstance(node, Selector) else text_of(node)]
    return [_shown(found, html=pick.html) for found in _nodes(node, pick)]


def _nodes(node: Node, pick: Pick) -> list[Node]:
    if pick.json:
        if isinstance(node, Selector):
            return []
        found_json: Any = _path(pick.json).findall(node) if isinstance(node, dict | list) else []
        return list(found_json)
    if not isinstance(node, Selector):
        node = Selector(text=str(node or "") or " ", type="html")
    found = node.css(pick.css) if pick.css else node.xpath(pick.xpath)
    return list(found)


def _shown(found: Node, *, html: bool) -> str:
    if not isinstance(found, Selector):
        return text_of(found)
    if not hasattr(found.root, "tag"):  # an attribute or a piece of text
        return str(found.root).strip()
    if html:
        return str(found.get())
    return _BLANK.sub(" ", "".join(found.xpath(".//text()[not(ancestor::script or ancestor::style)]").getall())).strip()


def text_of(found: Node) -> str:
    """A value of JSON as text; nothing for null, and for what has parts."""
    if found is None or isinstance(found, dict | list | Selector):
        return ""
    if isinstance(found, bool):
        return "true" if found else ""
    if isinstance(found, float) and found.is_integer() and abs(found) < 2**53:
        return str(int(found))
    return str(found).strip()


_NAME = re.compile(r"\{([a-z_.]+)(?:\|([^{}]*))?\}")


def names_in(template: str) -> set[str]:
    """The `{names}` that a template knows."""
    return {hit[1] for hit in _NAME.finditer(template)}


def fill(template: str, names: Mapping[str, str]) -> str:
    """The template with values for its `{names}`; `{name|other}` says what stands for one that is empty."""
    return _NAME.sub(lambda hit: names.get(hit[1], "") or hit[2] or "", template)


def fill_address(template: str, names: Mapping[str, str]) -> str:
    """An address; a parameter of its query for which there is no value is left out, as servers refuse empty ones."""
    place, mark, query = template.partition("?")
    given = [(part, fill(part, names)) for part in query.split("&")]
    said = [filled for part, filled in given if part.endswith("=") or not filled.endswith("=")]
    return fill(place, names) + mark + "&".join(said)
