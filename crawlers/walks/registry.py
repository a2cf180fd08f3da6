"""All kinds of sources: those of Python, those of the rule files that ship, and `rules`, which people write."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files

from core.errors import Refused
from core.records import Source
from crawlers.rules.examples import check_examples
from crawlers.rules.language import Option, Rules, read_rules
from crawlers.walks.articles import FullFeedWalk, SitemapWalk
from crawlers.walks.feed import FeedWalk
from crawlers.walks.ruled import RuledWalk
from crawlers.walks.signed import WbiWalk
from crawlers.walks.steps import Task, Walk

RULES = "rules"
"""The option that holds a user's own rules, and the kind that reads them."""

SIGNED = ("bilibili_search", "bilibili_replies")


def _feed(task: Task) -> Walk:
    return FullFeedWalk(task) if task.source.options.get("full") else FeedWalk(task)


PLAIN: Mapping[str, Callable[[Task], Walk]] = {"feed": _feed, "sitemap": SitemapWalk}
"""Kinds that need no rules."""

PLAIN_OPTIONS: Mapping[str, Mapping[str, Option]] = {
    "feed": {
        "full": Option(
            name={"zh-Hans": "抓取全文", "zh-Hant": "抓取全文", "en": "Read the whole article (any value)"}, example="1"
        )
    },
    "sitemap": {
        "prefix": Option(
            name={"zh-Hans": "只取此前缀的网址", "zh-Hant": "只取此前綴的網址", "en": "Only addresses that begin so"},
            example="https://www.example.gov.cn/zwxx/",
        )
    },
}


@lru_cache
def shipped() -> dict[str, Rules]:
    """The rule files of `crawlers/rules/software`, by kind."""
    folder = files("crawlers.rules") / "software"
    texts = {one.name: one.read_text(encoding="utf-8") for one in folder.iterdir() if one.name.endswith(".yaml")}
    rules = [read_rules(text) for _, text in sorted(texts.items())]
    return {one.kind: one for one in rules}


@lru_cache(maxsize=200)
def written(text: str) -> Rules:
    """A user's own rules. Raises `Refused` when they cannot be read, or break their examples."""
    rules = read_rules(text)
    check_examples(rules)
    return rules


def rules_of(source: Source) -> Rules | None:
    """The rules that a source is read by; None for the kinds without. Raises `Refused` (`unknown_kind`, `bad_rules`)."""
    if source.kind in PLAIN:
        return None
    if source.kind == RULES:
        return written(source.options.get(RULES, ""))
    if source.kind not in shipped():
        raise Refused("unknown_kind", f"there is no kind {source.kind!r} of source")
    return shipped()[source.kind]


def walk_of(task: Task) -> Walk:
    """The walk over a source. Raises `Refused` where its kind or rules are none."""
    rules = rules_of(task.source)
    if rules is None:
        return PLAIN[task.source.kind](task)
    return (WbiWalk if task.source.kind in SIGNED else RuledWalk)(task, rules)


def check_source(source: Source) -> None:
    """Raises `Refused` where the kind is unknown, its rules are wrong, or an option is missing or unknown."""
    rules = rules_of(source)
    known = rules.options if rules else PLAIN_OPTIONS[source.kind]
    allowed = {*known, RULES} if source.kind == RULES else {*known}
    strange = sorted(set(source.options) - allowed)
    if strange:
        raise Refused("unknown_option", f"{source.kind} has no option {strange[0]!r}")
    for name, option in known.items():
        if option.required and not source.options.get(name):
            raise Refused("missing_option", f"{source.kind} needs the option {name!r}, e.g. {option.example!r}")


def platform_of(source: Source) -> str:
    """The platform that posts of a source are of."""
    rules = rules_of(source)
    return (rules.platform or rules.kind or RULES) if rules else source.kind
