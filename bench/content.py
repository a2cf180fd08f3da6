"""Main text and times, ours and what others would use, over the tables of the tests in one run.

The pages and phrases are ours, and our readers were made while looking at them: the figures flatter us. What they show is
where the others fail, and what each costs. `make bench-content`.
"""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module

from crawlers.pages.article import read_article
from crawlers.pages.encoding import page_text
from nlp.cleaning import clean, html_to_text
from nlp.times import SHANGHAI, parse_time
from tests.unit.crawlers.pages_of_sites import PAGES, SitePage
from tests.unit.nlp.test_times import NOW, PHRASES

Reader = Callable[[SitePage], str]
Clock = Callable[[str], datetime | None]


def ours(page: SitePage) -> str:
    return read_article(page.html.encode(page.encoding), page.content_type, "https://a.example/1.html").text


def others() -> dict[str, Reader]:
    """The readers of main text that are installed."""
    found: dict[str, Reader] = {}
    for name, make in (("trafilatura", _trafilatura), ("readability-lxml", _readability)):
        try:
            found[name] = make()
        except ModuleNotFoundError:
            print(f"{name} is not installed: left out")
    return found


def _trafilatura() -> Reader:
    extract = import_module("trafilatura").extract
    return lambda page: extract(_text(page), include_comments=False) or ""


def _readability() -> Reader:
    document = import_module("readability").Document
    return lambda page: clean(html_to_text(document(_text(page)).summary()))


def _text(page: SitePage) -> str:
    """Decoded by us: what is compared is the reading, not the guess at the encoding."""
    return page_text(page.html.encode(page.encoding), page.content_type)


def clocks() -> dict[str, Clock]:
    """The readers of times that are installed."""
    found: dict[str, Clock] = {"ours": lambda phrase: parse_time(phrase, NOW)}
    for name, make in (("dateparser", _dateparser), ("jionlp", _jionlp)):
        try:
            found[name] = make()
        except ModuleNotFoundError:
            print(f"{name} is not installed: left out")
    return found


def _dateparser() -> Clock:
    parse = import_module("dateparser").parse
    base = NOW.replace(tzinfo=None)
    how = {
        "RELATIVE_BASE": base,
        "TIMEZONE": "Asia/Shanghai",
        "RETURN_AS_TIMEZONE_AWARE": True,
        "PREFER_DATES_FROM": "past",
    }
    return lambda phrase: parse(phrase, languages=["zh", "en"], settings=how)


def _jionlp() -> Clock:
    parse = import_module("jionlp").parse_time

    def read(phrase: str) -> datetime | None:
        try:
            found = parse(phrase, time_base=NOW.timestamp())
        except Exception:  # noqa: BLE001  # it raises whatever its insides do
            return None
        try:
            return datetime.fromisoformat(found["time"][0]).replace(tzinfo=SHANGHAI)
        except (TypeError, ValueError, KeyError):  # an open span (`-inf`), or no time at all
            return None

    return read


def texts(readers: Mapping[str, Reader], pages: Sequence[SitePage]) -> None:
    print(f"\nmain text, {len(pages)} pages: whole (every line), alone (nothing around it), both, ms a page")
    for name, read in readers.items():
        begun = time.perf_counter()
        got = [read(page) for page in pages]
        took = (time.perf_counter() - begun) * 1000 / len(pages)
        whole = [all(line in text for line in page.text) for page, text in zip(pages, got, strict=True)]
        alone = [not any(word in text for word in page.not_in) for page, text in zip(pages, got, strict=True)]
        both = sum(a and b for a, b in zip(whole, alone, strict=True))
        print(f"  {name:18} {sum(whole):3} {sum(alone):3} {both:3} {took:8.1f}")


def times(readers: Mapping[str, Clock]) -> None:
    phrases = [(phrase, moment) for phrase, moment in PHRASES if isinstance(phrase, str)]
    print(f"\ntimes, {len(phrases)} phrases: right, another moment (silently wrong), none, µs a phrase")
    for name, read in readers.items():
        begun = time.perf_counter()
        got = [read(phrase) for phrase, _ in phrases]
        took = (time.perf_counter() - begun) * 1e6 / len(phrases)
        right = sum(_same(found, moment) for found, (_, moment) in zip(got, phrases, strict=True))
        none = sum(found is None for found in got)
        print(f"  {name:18} {right:3} {len(phrases) - right - none:3} {none:3} {took:8.0f}")


def _same(found: datetime | None, moment: str) -> bool:
    if found is None:
        return False
    expected = datetime.fromisoformat(moment.ljust(23, "0") if "." in moment else moment).replace(tzinfo=SHANGHAI)
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return abs(aware - expected) < timedelta(seconds=60)


def main() -> None:
    warnings.simplefilter("ignore")
    texts({"ours": ours, **others()}, PAGES)
    times(clocks())


if __name__ == "__main__":
    main()
