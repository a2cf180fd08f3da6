"""Cases and silences of ours in Alertmanager's words, and the table `muting.yaml` that says both."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from core.records import Case
from tests.unit.alerts.matchers import InhibitRule

TABLE = yaml.safe_load((Path(__file__).parent / "muting.yaml").read_text("utf-8"))
PARTS_WAIT = [InhibitRule(**row) for row in TABLE["inhibitions"][0]["theirs"]]
"""While a place has an open case, those in its parts wait: the rule that ships."""
TIERS = {6: "district", 9: "street", 12: "community"}


def labels_of(one: Case) -> dict[str, str]:
    """A case as an alert's labels; one without a place is of its whole jurisdiction, and a part of nothing."""
    found = {
        "case": one.id,
        "unit": one.unit or "",
        "level": str(one.level),
        "domain": one.domain,
        "jurisdiction": one.jurisdiction,
        "place": one.place or one.jurisdiction,
    }
    code = one.place or ""
    return found | {"tier": TIERS.get(len(code), ""), "district": code[:6], "street": code[:9]}


def matchers_of(words: Mapping[str, Sequence[Any]]) -> list[str]:
    """What a silence names, as matchers."""
    within = {"places": ".*"}
    return [f'{name[:-1]}=~"({"|".join(map(str, values))}){within.get(name, "")}"' for name, values in words.items()]
