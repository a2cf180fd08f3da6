"""Records of Kafka in runs: many of one partition are one event of Faust.

Faust starts four tasks for every event that it hands on, which took longer than all else that a worker did to a post beside
its stage. An agent takes batches anyway; one event for all records of a partition that came together costs nearly nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import faust
from faust.transport.utils import DefaultSchedulingStrategy


class Runs(DefaultSchedulingStrategy):
    """Hands on what was fetched of a partition as one record: the last one, whose value are all of them.

    So acknowledging it acknowledges all: the offsets before it are what Faust calls a gap, and passes with it.
    """

    def iterate(self, records: Mapping[Any, Sequence[Any]]) -> Iterator[tuple[Any, Any]]:
        """One run of each partition."""
        for place, run in records.items():
            if run:
                yield place, replace(run[-1], key=None, value=run, headers=())


class AsItIs(faust.Schema[Any, Any]):
    """Leaves a run as it is: what its records hold is decoded by the stage."""

    def loads_key(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> None:
        """A run has none."""

    def loads_value(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:
        """The records."""
        return message.value
