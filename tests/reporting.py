"""A maker of reports over a storage, with the words and places of the sample district."""

from zoneinfo import ZoneInfo

from alerts.policy import default_policy
from alerts.reports.ground import Ground
from alerts.reports.maker import Maker
from alerts.reports.words import load_words
from core.ports import Storage

BOARD = "https://board.example"
ZONE = ZoneInfo("Asia/Shanghai")


def maker_over(storage: Storage) -> Maker:
    """With the default policy; links lead to `BOARD`."""
    policy = default_policy()

    def ground(lang: str) -> Ground:
        return Ground(
            index=storage.index,
            store=storage.store,
            words=load_words(lang),
            zone=ZONE,
            levels=policy.levels,
            units={"water": "区水务局"},
            places={"990100": "云湾区"},
            jurisdiction_name=lambda code: "云湾区" if code == "990100" else code,
        )

    return Maker(ground, BOARD)
