"""Which unit a matter goes to: the suggestion that is learnt from the past, on letters to a city's mayor with who answered.

    python -m bench routing

The earlier letters are the past, the later ones are asked about; of letters that are near-duplicates the earlier ones go.
Who answered is written in a hundred ways, so it is read as a county of the city (by the gazetteer) or as the department whose
matter the name holds. Letters that the mailbox's own desk signed tell nothing of who handled them, and those whose office is
read as neither cannot be learnt: both are left out and counted. Beside the suggestion: the unit that answered most; the same
suggestion without a past, which is the table of matters and places; and a linear model of the letters, which is asked
nothing but to be right.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from scipy.sparse import hstack
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from alerts.policy import Policy, default_policy
from alerts.routing import candidates
from bench.report import Report
from core.records import Case, CaseState, Unit
from nlp.labels import load_labeller
from nlp.places import Gazetteer, load_gazetteer
from nlp.script import fold
from nlp.training.data import Example, rows, without
from tests.real import SHARED
from tests.records import case

LETTERS = SHARED / "gov_messages" / "mayor_mailbox.csv.gz"
CITY = "6110"
LEARNT = 0.7
"""Of the letters, by time, are the past."""
BEST, FEW = 1, 3
DESK = re.compile("信息办|信息中心")
"""The mailbox's own: it passes on what others said."""
DEPARTMENTS: dict[str, tuple[str, str]] = {
    "police": ("公安|交警", "交通运输"),
    "management": ("城管|城市管理", "城乡建设"),
    "education": ("教育|教体", "教育文体"),
    "housing": ("住建|住房和城乡|建设局|公积金|移民|房产", "城乡建设"),
    "transport": ("交通|公路|运管", "交通运输"),
    "labour": ("人社|人力资源|养老保险", "劳动和社会保障"),
    "health": ("医保|医疗保障|卫生|卫健", "卫生计生"),
    "land": ("自然资源|国土|农业|林业|扶贫|乡村振兴", "none"),
    "environment": ("环保|环境", "环境保护"),
    "market": ("商务|市场监|物价|发改|工商|税务", "商贸旅游"),
    "water": ("水务|水利|供电|电力|供水", "none"),
    "civil": ("民政|残疾人|退役", "none"),
}
"""What a name of a department holds, and the matter that the table gives it."""


class Letter(NamedTuple):
    """What was written, who answered, and the case that it would be."""

    text: str
    unit: str
    case: Case


Ranked = list[list[str]]
"""For each letter that is asked about, units, best first."""


def run(_: Path, report: Report) -> None:
    """Shares of the later letters whose unit is the first, or among the first three, that is suggested."""
    if not LETTERS.exists():
        report.add("routing", "no letters beside the checkout", "-", met=False)
        return
    gazetteer = load_gazetteer()
    letters, aside = read(gazetteer)
    past, asked = parted(letters)
    policy = office(gazetteer)
    report.add("letters: past, asked about, left out", f"{len(past)}, {len(asked)}, {aside}", "-", met=True)
    shares = {name: score(way(past, asked, policy), asked) for name, way in WAYS.items()}
    rules = shares["table of matters and places"]
    for name, (first, few) in shares.items():
        goal, met = ("above the table", first > rules[0]) if name == SUGGESTED else ("-", True)
        report.add(f"unit of a letter, {name}", f"first {first:.1%}, of three {few:.1%}", goal, met=met)


def read(gazetteer: Gazetteer) -> tuple[list[Letter], int]:
    """Letters in the order of time, and how many were left out."""
    every = sorted((row for row in rows(LETTERS) if row["query_date"]), key=lambda row: row["query_date"])
    known = [(row, unit) for row in every if (unit := unit_of(row["reply_agency"], gazetteer))]
    texts = [fold(f"{row['title']}\n{row['query']}") for row, _ in known]
    domains = [one.domain.label for one in load_labeller().label(texts)]
    made = [
        Letter(text, unit, matter(n, row, text, domain, gazetteer))
        for n, ((row, unit), text, domain) in enumerate(zip(known, texts, domains, strict=True))
    ]
    return made, sum(1 for _ in rows(LETTERS)) - len(made)


def unit_of(agency: str, gazetteer: Gazetteer) -> str:
    """A county's code, or the department; empty for neither."""
    if DESK.search(agency):
        return ""
    found = [place.code[:6] for place in gazetteer.find(fold(agency), CITY) if len(place.code) >= 6]
    if found and found[0].startswith(CITY):
        return found[0]
    return next((name for name, (holds, _) in DEPARTMENTS.items() if re.search(holds, agency)), "")


def matter(number: int, row: dict[str, str], text: str, domain: str, gazetteer: Gazetteer) -> Case:
    """The case that the letter would be: its matter by the labels that ship, its place by the gazetteer."""
    places = [place.code for place in gazetteer.find(text, CITY) if len(place.code) >= 6]
    return case(
        f"c{number}",
        jurisdiction=CITY,
        title=row["title"],
        domain=domain,
        place=places[0] if places else None,
        opened_at=datetime.fromisoformat(row["query_date"]).replace(tzinfo=UTC),
    )


def parted(letters: Sequence[Letter]) -> tuple[list[Letter], list[Letter]]:
    """The past without what a later letter repeats, and the later ones."""
    cut = int(len(letters) * LEARNT)
    as_examples = [Example(one.text, str(n), 1.0, "") for n, one in enumerate(letters)]
    kept = without(as_examples[:cut], as_examples[cut:])
    return [letters[int(one.label)] for one in kept], list(letters[cut:])


def office(gazetteer: Gazetteer) -> Policy:
    """An office of the city: its counties answer for their places, its departments for their matters."""
    counties = [
        Unit(id=code, name=name, tier="street", jurisdiction=CITY, places=(code,))
        for code, name in gazetteer.parts(CITY)
    ]
    departments = [
        Unit(id=name, name=name, tier="district", jurisdiction=CITY, domains=(domain,) if domain != "none" else ())
        for name, (_, domain) in DEPARTMENTS.items()
    ]
    return replace(default_policy(), units=(*counties, *departments))


def suggested(past: Sequence[Letter], asked: Sequence[Letter], policy: Policy) -> Ranked:
    """What the case's page shows."""
    decided = [replace(one.case, unit=one.unit, answered_at=one.case.opened_at, state=CaseState.CLOSED) for one in past]
    return [[found.unit.id for found in candidates(one.case, [one.case.place or ""], policy, decided)] for one in asked]


def by_table(_: Sequence[Letter], asked: Sequence[Letter], policy: Policy) -> Ranked:
    """The same with nothing to learn from."""
    return suggested([], asked, policy)


def most_frequent(past: Sequence[Letter], asked: Sequence[Letter], _: Policy) -> Ranked:
    """The units that answered most, whatever is asked."""
    return [[unit for unit, _ in Counter(one.unit for one in past).most_common()]] * len(asked)


def linear(past: Sequence[Letter], asked: Sequence[Letter], _: Policy) -> Ranked:
    """Logistic regression over one to three characters of the letters, their matters and places."""
    words = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    known = DictVectorizer()
    model = LogisticRegression(C=30, max_iter=2_000)
    seen = hstack([words.fit_transform(one.text for one in past), known.fit_transform(map(_known, past))])
    model.fit(seen.tocsr(), [one.unit for one in past])
    new = hstack([words.transform(one.text for one in asked), known.transform(map(_known, asked))])
    return [[str(model.classes_[n]) for n in np.argsort(-row)] for row in model.predict_proba(new.tocsr())]


def _known(one: Letter) -> dict[str, str]:
    place = one.case.place or ""
    return {"matter": one.case.domain, "district": place[:6], "street": place[:9]}


SUGGESTED = "suggestion learnt from the past"
WAYS: dict[str, Callable[[Sequence[Letter], Sequence[Letter], Policy], Ranked]] = {
    SUGGESTED: suggested,
    "table of matters and places": by_table,
    "the unit that answered most": most_frequent,
    "linear model (scikit-learn)": linear,
}


def score(ranked: Ranked, asked: Sequence[Letter]) -> tuple[float, float]:
    """Shares of the letters whose unit is the first, and among the first three."""
    first, few = (
        sum(one.unit in units[:number] for units, one in zip(ranked, asked, strict=True)) / len(asked)
        for number in (BEST, FEW)
    )
    return first, few
