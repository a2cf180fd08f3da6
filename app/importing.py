"""Imports a table: row by row through the intake, resumable, with everything refused in a file of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import sleep

import msgspec

from core.effects import Effects, StateRow
from core.errors import Refused
from core.ports import Storage
from crawlers.files.mapping import ColumnMapping, apply
from crawlers.files.rows import Numbered
from crawlers.files.table import Table
from nlp.intake import Intake

STAGE = "import"
CHUNK = 500
FULL_PAUSE_S = 0.2


@dataclass(slots=True)
class Summary:
    """What became of the rows; `reasons` counts refusals by code, `resumed_after` is the row where an earlier run ended."""

    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    resumed_after: int = 0


@dataclass(frozen=True, slots=True)
class Importer:
    """One import: `defaults` fill what a row lacks, `advance(rows)` reports progress, refusals go to a file of JSON Lines."""

    storage: Storage
    intake: Intake
    defaults: dict[str, object]
    refusals: Path
    advance: Callable[[int], None]

    def run(self, table: Table, mapping: ColumnMapping) -> Summary:
        """Import all rows after the point that an earlier run of the same file reached."""
        summary = Summary(resumed_after=self._reached(table.fingerprint))
        rows = table.rows(after=summary.resumed_after)
        while chunk := list(islice(rows, CHUNK)):
            while self.intake.full():
                sleep(FULL_PAUSE_S)
            self._take(chunk, mapping, summary)
            # After the rows are durable: a crash between the two sends some again, and they are duplicates.
            reached = str(chunk[-1][0]).encode()
            self.storage.commit(Effects(changes=[StateRow(STAGE, "", table.fingerprint, reached)]))
            self.advance(len(chunk))
        return summary

    def _reached(self, fingerprint: str) -> int:
        rows = {row.key: row.value for row in self.storage.store.state(STAGE, "")}
        return int(rows.get(fingerprint) or b"0")

    def _take(self, chunk: list[Numbered], mapping: ColumnMapping, summary: Summary) -> None:
        items: dict[int, dict[str, object]] = {}
        for number, row in chunk:
            try:
                if isinstance(row, Refused):
                    raise row
                items[number] = {**self.defaults, **apply(mapping, row)}
            except Refused as refusal:
                self.intake.refuse({}, refusal, f"import {self.refusals.stem} row {number}")
                self._refuse(number, refusal.code, str(refusal), summary)
        for number, receipt in zip(items, self.intake.receive(list(items.values()), "import"), strict=True):
            if receipt.status == "rejected":
                self._refuse(number, receipt.code, receipt.reason, summary)
            elif receipt.status == "accepted":
                summary.accepted += 1
            else:
                summary.duplicate += 1

    def _refuse(self, number: int, code: str, reason: str, summary: Summary) -> None:
        summary.rejected += 1
        summary.reasons[code] = summary.reasons.get(code, 0) + 1
        self.refusals.parent.mkdir(parents=True, exist_ok=True)
        with self.refusals.open("ab") as file:
            file.write(msgspec.json.encode({"row": number, "code": code, "reason": reason}) + b"\n")
