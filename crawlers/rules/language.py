"""The form of a rule file, and its reading: a mistake is told with its line."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import msgspec
import yaml
from msgspec import Struct, field

from core.errors import Refused
from core.records import Ending
from crawlers.rules.picking import Pick, Picks, Written, names_in, picks_of

Words = dict[str, str]
LONGEST_FILE = 200_000

ENTRY_FIELDS = (
    "id", "url", "title", "text", "html", "author", "author_since", "at", "likes", "comments", "shares", "reply_to",
    "root",
)  # fmt: skip
"""What becomes part of a post. Beside them: `extra.NAME`, `seen` (what tells that a row changed; else all of it),
`open` (anything: look at it again), `rank`, `heat`, and names of one's own for templates."""


class Check(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sign in an answer: when what is picked is one of `equals` (or is there at all), the visit ends so."""

    when: Written
    equals: list[str] = []
    ending: Ending
    say: str = ""


class Page(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """A kind of page: how it is asked for and where its rows are.

    Templates know `{url}` `{base}` (of the source), `{page}` `{cursor}` (of this page), the source's options, and of a
    list's row its fields. `rows` absent: the page is one row. `container` is there also when no row is: without it
    nothing is known of an empty page. `article`: what the fields leave open is the page's main text. `fresh`: never ask
    conditionally. `next` leads to the next page: an address, or a word for `{cursor}`.
    `all_below`: a page with fewer rows has all that there is, so that what was known and is not on it is gone.
    A check of `detail` or `again` that ends `empty` says that the thing is not there any more.
    """

    url: str = "{url}"
    method: str = "GET"
    form: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    before: str = ""
    json_in: Written | None = None
    rows: Written | None = None
    container: Written | None = None
    skip: Written | None = None
    fields: dict[str, Written] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    next: Written | None = None
    pages: int = 1
    first: int = 1
    step: int = 1
    checks: list[Check] = field(default_factory=list)
    fresh: bool = False
    article: bool = False
    all_below: int = 0

    @cached_property
    def row_picks(self) -> Picks:
        """Where the rows are."""
        return picks_of(self.rows) if self.rows is not None else ()

    @cached_property
    def field_picks(self) -> Mapping[str, Picks]:
        """Where each field is."""
        return {name: picks_of(written) for name, written in self.fields.items()}

    @cached_property
    def json_picks(self) -> Picks:
        """Where in a page of HTML its JSON is."""
        return picks_of(self.json_in) if self.json_in is not None else ()

    @cached_property
    def container_picks(self) -> Picks:
        """What is there also when no row is."""
        return picks_of(self.container) if self.container is not None else ()

    @cached_property
    def skip_picks(self) -> Picks:
        """What a row that is left out has."""
        return picks_of(self.skip) if self.skip is not None else ()

    @cached_property
    def next_picks(self) -> Picks:
        """Where the next page is named."""
        return picks_of(self.next) if self.next is not None else ()

    @cached_property
    def check_picks(self) -> list[tuple[Picks, Check]]:
        """The signs."""
        return [(picks_of(one.when), one) for one in self.checks]


class Example(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page as the site sends it, and what it holds: rows (only the fields that are named are compared), or an ending."""

    page: str = "list"
    body: str
    type: str = "text/html; charset=utf-8"
    url: str = "https://site.example/"
    rows: list[dict[str, str]] | None = None
    ending: Ending | None = None
    next: str | None = None


class Option(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that the person who adds a source says."""

    name: Words
    required: bool = False
    example: str = ""
    default: str = ""


class Rules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A site, or a software that many sites run.

    `list` names things; `detail` is the page of one; `floors` are the replies on it; `again` is how one thing is looked at
    later, where that is not its `detail`. `revisit`: `open` (rows whose `open` says so), `always` or `never`.
    `whole`: what the list names are posts already, the page of each has replies. `also` is a second list (of comments).
    `hot`: the rows are ranks. `known_by`: signs of the software in a page.
    """

    kind: str = ""
    name: Words = field(default_factory=dict)
    tier: int = 1
    family: str = "rules"
    example: str = ""
    platform: str = ""
    login: str = "none"
    interval_s: int = 600
    delay_s: float = 0.0
    hot: bool = False
    whole: bool = False
    revisit: str = "never"
    options: dict[str, Option] = field(default_factory=dict)
    known_by: list[str] = field(default_factory=list)
    known_url: str = ""
    listing: Page = field(name="list")
    also: Page | None = None
    detail: Page | None = None
    floors: Page | None = None
    again: Page | None = None
    examples: list[Example] = field(default_factory=list)

    @property
    def way_to_one(self) -> tuple[str, str] | None:
        """The page that shows a listed thing by what it is known by alone, and the name of that: `id`, else `url`."""
        role, page = ("again", self.again) if self.again is not None else ("detail", self.detail)
        name = "id" if "id" in self.listing.fields else "url"
        asked_by = names_in(page.url) & {"id", "url"} if page is not None and page.method == "GET" else set()
        return (role, name) if asked_by == {name} else None

    def page(self, role: str) -> Page:
        """The page of that name; raises `Refused` (`bad_rules`) when there is none."""
        pages = {"list": self.listing, "also": self.also, "detail": self.detail, "floors": self.floors}
        page = (pages | {"again": self.again}).get(role)
        if page is None:
            raise Refused("bad_rules", f"the rules have no page {role!r}")
        return page


def read_rules(text: str) -> Rules:
    """The rules in a YAML text. Raises `Refused` (`bad_rules`) naming the line, or the place in the file."""
    if len(text) > LONGEST_FILE:
        raise Refused("bad_rules", f"the rules have {len(text)} letters, at most {LONGEST_FILE} are read")
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.load(text, Loader=_Plain)  # noqa: S506  # a SafeLoader that guesses less
    except (yaml.YAMLError, RecursionError) as error:
        raise Refused("bad_rules", f"the rules are no YAML: {' '.join(str(error).split())[:300]}") from error
    try:
        rules = msgspec.convert(data, Rules)
    except msgspec.ValidationError as error:
        raise Refused("bad_rules", f"{_line(tree, str(error))}{error}") from error
    _check_selectors(rules, tree)
    return rules


class _Plain(yaml.SafeLoader):
    """YAML whose plain words stay words: `no`, `12:30` and `2026-11-20` are what a site wrote, not a truth or a time."""


_KEPT = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"}
_Plain.yaml_implicit_resolvers = {
    letter: [
        (tag, pattern) for tag, pattern in resolvers if tag in _KEPT or (tag.endswith(":bool") and letter in "tTfF")
    ]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _check_selectors(rules: Rules, tree: Any) -> None:
    for role in ("list", "also", "detail", "floors", "again"):
        page: Page | None = rules.listing if role == "list" else getattr(rules, role)
        if page is None:
            continue
        for name in (
            "row_picks",
            "field_picks",
            "json_picks",
            "container_picks",
            "skip_picks",
            "next_picks",
            "check_picks",
        ):
            try:
                getattr(page, name)
            except Refused as refusal:
                raise Refused("bad_rules", f"{_line(tree, f'$.{role}')}{role}: {refusal}") from refusal
        unknown = [name for name in page.required if name not in page.fields]
        if unknown:
            raise Refused("bad_rules", f"{role}: {unknown[0]!r} is required but has no way to it under fields")


def _line(tree: Any, message: str) -> str:
    """The line of the deepest part of the path that a message names (`... - at `$.list.fields`)."""
    path = message.rpartition("`$.")[2].rstrip("`") if "`$." in message else message.removeprefix("$.")
    node, line = tree, 0
    for part in path.replace("[", ".").replace("]", "").split("."):
        inner = _inside(node, part)
        if inner is None:
            break
        node = inner
        line = node.start_mark.line + 1
    return f"line {line}: " if line else ""


def _inside(node: Any, part: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        return node.value[int(part)]
    return None


__all__ = ["ENTRY_FIELDS", "Example", "Page", "Pick", "Rules", "read_rules"]
