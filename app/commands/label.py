"""`huiying label` and `huiying cluster`: the very stages of `serve`, over JSON Lines."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from app.judgement import build_analyser, build_gazetteer
from app.lines import batches, read_lines
from app.offline import NoMemory, Offline, Understood, offline
from app.options import settings
from app.progress import progress
from core.records import Assignment, Incident
from core.settings import Settings
from nlp.detect import Detectors, detect
from nlp.incidents.config import DetectorConfig

BATCH = 512
_encode = msgspec.json.Encoder().encode
FILE = click.File("rb")


@click.command()
@click.argument("file", type=FILE, default="-")
def label(file: IO[bytes]) -> None:
    """Label the posts of FILE (or stdin): JSON Lines {id, text, at?} in, one JSON line per post out.

    A line that cannot be labelled comes out as {id, error}; the number of those is said at the end.
    """
    out = click.get_binary_stream("stdout")
    for posts in _understood(file, out, "label", settings()):
        out.write(b"".join(_encode(_labelled(u)) + b"\n" for u in posts))
    out.flush()


@click.command()
@click.argument("file", type=FILE, default="-")
@click.option("--incidents", type=click.Path(dir_okay=False, path_type=Path), help="Write each incident here.")
def cluster(file: IO[bytes], incidents: Path | None) -> None:
    """Group the posts of FILE (or stdin) into incidents: JSON Lines {id, text, at} in time order, replayed.

    Out: {id, incident, known_at} per post; `incident` is null for none, `known_at` the stream time at which it was put
    there. A post that is moved later comes out again with the later time: the last line of an id holds. Labels are the
    fast tier's, as in `serve` when posts come faster than the encoder reads.
    """
    out = click.get_binary_stream("stdout")
    detectors = Detectors(NoMemory(), DetectorConfig(report_all=True))
    raised: dict[str, Incident] = {}
    given: dict[str, object] = {}
    for posts in _understood(file, out, "cluster", settings(encoder="off")):
        effects = detect([u.post for u in posts], detectors)
        raised |= {i.id: i for i in effects.incidents}
        given |= {u.post.id: u.id for u in posts}
        assigned = {a.post: a for a in effects.assigned}
        rows = [(u.id, assigned.pop(u.post.id, None)) for u in posts]
        rows += [(given[post], moved) for post, moved in assigned.items()]
        out.write(b"".join(_encode(_assigned(id_, a)) + b"\n" for id_, a in rows))
    out.flush()
    if incidents is not None:
        incidents.write_bytes(b"".join(_encode(i) + b"\n" for i in raised.values()))


def _understood(file: IO[bytes], out: IO[bytes], title: str, chosen: Settings) -> Iterator[list[Understood]]:
    """Batches of labelled posts; what was refused is written at once, and counted at the end."""
    worker: Offline = offline(build_analyser(chosen, build_gazetteer(chosen)), chosen.jurisdiction)
    refused = 0
    with progress(title) as bar:
        for batch in batches(read_lines(file), BATCH):
            posts, refusals = worker.understand(batch)
            lines = [{"id": line.given_id, "error": str(e), "code": e.code} for line, e in refusals]
            out.write(b"".join(_encode(line) + b"\n" for line in lines))
            refused += len(refusals)
            bar.advance(bar.task_ids[0], len(batch))
            yield posts
    if refused:
        click.echo(f"{refused} lines could not be read; each says why in its `error`.", err=True)


def _labelled(understood: Understood) -> dict[str, Any]:
    post = understood.post
    return {"id": understood.id, "lang": post.lang, **msgspec.structs.asdict(post.labels)}


def _assigned(id_: object, assignment: Assignment | None) -> dict[str, Any]:
    if assignment is None:
        return {"id": id_, "incident": None, "known_at": None}
    known_at: datetime = assignment.known_at
    return {"id": id_, "incident": assignment.incident, "known_at": known_at}
