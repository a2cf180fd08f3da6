"""Fills the index, from indices of an older schema or from the log, and says what it did."""

from contextlib import closing

from app.distributed import cluster_of, connected
from app.progress import progress
from core.settings import Settings
from core.storage.elastic import ElasticWriter, drop_older, reindex
from core.storage.postgres import extent, rebuild


def from_older(settings: Settings, *, drop_old: bool) -> str:
    """Copy what is newer than the last run; then, if asked to, delete the older indices."""
    with closing(cluster_of(settings)) as cluster, progress("reindex 重建索引") as bar:
        copied = reindex(cluster, lambda number: bar.advance(bar.task_ids[0], number))
        gone = drop_older(cluster) if drop_old else []
    said = f"{copied} documents copied"
    return f"{said}; deleted {', '.join(gone)}" if gone else said


def from_log(settings: Settings) -> str:
    """Write everything that the log holds; what it had no longer comes from a snapshot."""
    with connected(settings) as parts:
        log, writer = parts.storage.log, ElasticWriter(parts.cluster)
        with progress("reindex 重建索引", extent(log)) as bar:
            done = rebuild(log, writer, lambda number: bar.advance(bar.task_ids[0], number))
        parts.cluster.refresh()
    said = f"{done.posts} posts, {done.incidents} changes of incidents, {done.memberships} memberships written"
    days = f"the log holds {settings.log_days} days (HUIYING_LOG_DAYS), what is older comes from a snapshot"
    unread = f"; {done.unreadable} messages could not be read, see the log" if done.unreadable else ""
    return f"{said}; {days}{unread}"
