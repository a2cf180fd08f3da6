"""Rules are held to their own examples: pages as the site sends them, and what they hold."""

from core.errors import Refused
from crawlers.rules.language import Example, Rules
from crawlers.rules.pages import read_page
from crawlers.walks.steps import Trouble


def check_examples(rules: Rules) -> int:
    """How many examples hold; raises `Refused` (`bad_example`) for the first that does not, saying where it differs."""
    for number, example in enumerate(rules.examples, 1):
        _check(rules, number, example)
    return len(rules.examples)


def _check(rules: Rules, number: int, example: Example) -> None:
    where = f"example {number} ({example.page})"
    names = {name: option.default or option.example for name, option in rules.options.items()}
    names |= {"url": example.url, "base": "/".join(example.url.split("/")[:3])}
    try:
        read = read_page(rules.page(example.page), example.body.encode(), example.type, example.url, names)
    except Trouble as trouble:
        if example.ending is trouble.ending:
            return
        raise Refused("bad_example", f"{where} ends with {trouble.ending}: {trouble}") from trouble
    if example.ending is not None and not example.ending.went_well:
        raise Refused("bad_example", f"{where} should end with {example.ending}, but {len(read.rows)} rows were found")
    expected = example.rows or []
    if len(read.rows) != len(expected):
        raise Refused("bad_example", f"{where} holds {len(read.rows)} rows, expected {len(expected)}")
    for place, (row, wanted) in enumerate(zip(read.rows, expected, strict=True), 1):
        for name, value in wanted.items():
            if row.get(name, "") != value:
                raise Refused(
                    "bad_example", f"{where}, row {place}: {name} is {row.get(name, '')!r}, expected {value!r}"
                )
    if example.next is not None and read.next != example.next:
        raise Refused("bad_example", f"{where}: next is {read.next!r}, expected {example.next!r}")
