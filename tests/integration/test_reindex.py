"""`huiying reindex` on a real Elasticsearch: new indices beside those in use, then in their place."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.reindexing import from_older
from core.errors import ConfigurationError, StorageError
from core.ports import IncidentQuery, PostQuery
from core.records import Assignment
from core.storage.elastic import Cluster, ElasticIndex, ElasticWriter, drop_older, prepare_indices, reindex
from core.storage.elastic.indices import make_indices
from core.storage.elastic.mappings import SCHEMA
from tests.records import NOON, incident, post
from tests.servers.distributed import cluster_of_tests, drop_indices, settings_of
from tests.servers.names import unique

POSTS = [post(f"p{n:04d}", f"第{n}盏路灯坏了", at=NOON + timedelta(hours=n)) for n in range(2_500)]
INCIDENTS = [incident(f"i{n}", heat=float(n), version=n + 1) for n in range(5)]
ASSIGNED = [Assignment(post=p.id, incident=f"i{n % 5}", known_at=p.at) for n, p in enumerate(POSTS[::10])]


@pytest.fixture
def new(elasticsearch_url: str) -> Iterator[Cluster]:
    """A cluster that this program sees, with indices of the schema before."""
    cluster = cluster_of_tests(elasticsearch_url, unique())
    old = cluster.at(SCHEMA - 1)
    make_indices(old)
    ElasticWriter(old).write(POSTS, INCIDENTS, ASSIGNED, 7)
    yield cluster
    for one in (old, cluster):
        drop_indices(one)
    cluster.close()


def answers(cluster: Cluster) -> list[object]:
    index = ElasticIndex(cluster)
    asked = [PostQuery(limit=200), PostQuery(words="路灯 -十", fold=True), PostQuery(incident="i3", limit=200)]
    pages = [index.posts(query).items for query in asked]
    figures = index.figures(NOON, NOON + timedelta(days=30), None)
    return [*pages, index.incidents(IncidentQuery()).items, index.incident("i4"), figures]


def nothing(_: int) -> None:
    """Nobody looks at the progress."""


def test_a_start_on_older_indices_says_what_to_run(new: Cluster) -> None:
    with pytest.raises(ConfigurationError, match="run `huiying reindex`"):
        prepare_indices(new)


def test_everything_is_copied_and_answers_as_before(new: Cluster) -> None:
    told: list[int] = []
    assert reindex(new, told.append) == len(POSTS) + len(INCIDENTS) + len(ASSIGNED) == sum(told)
    assert answers(new) == answers(new.at(SCHEMA - 1))
    prepare_indices(new)


def test_a_second_run_copies_only_what_the_old_program_wrote_since(new: Cluster) -> None:
    reindex(new, nothing)
    later = [post("p0001", "修好了", revision=1, at=POSTS[1].at), post("late", at=NOON)]
    ElasticWriter(new.at(SCHEMA - 1)).write(later, [incident("i1", version=9, title="新")], [], 8)
    assert reindex(new, nothing) == 3
    assert answers(new) == answers(new.at(SCHEMA - 1))
    assert reindex(new, nothing) == 0


def test_what_new_workers_have_written_already_is_not_overwritten(new: Cluster) -> None:
    reindex(new, nothing)
    ElasticWriter(new).write([post("p0001", "新程序写的", revision=3, at=POSTS[1].at)], [], [], 9)
    ElasticWriter(new.at(SCHEMA - 1)).write([post("p0001", "旧程序写的", revision=2, at=POSTS[1].at)], [], [], 8)
    reindex(new, nothing)
    found = ElasticIndex(new).post("p0001")
    assert found is not None
    assert found.post.text == "新程序写的"


def test_indices_that_were_not_filled_to_the_end_are_not_used_and_the_old_ones_not_dropped(new: Cluster) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reindex(new, interrupted)
    with pytest.raises(ConfigurationError, match="not whole"):
        prepare_indices(new)
    with pytest.raises(ConfigurationError, match="not whole"):
        drop_older(new)
    reindex(new, nothing)
    prepare_indices(new)


def test_the_old_indices_go_when_the_new_ones_are_whole(new: Cluster) -> None:
    reindex(new, nothing)
    expected = answers(new.at(SCHEMA - 1))
    gone = drop_older(new)
    assert len(gone) == len({p.at.month for p in POSTS}) + 2
    assert answers(new) == expected
    with pytest.raises(ConfigurationError, match="nothing to copy"):
        reindex(new, nothing)


def test_the_command_says_how_much_it_copied_and_what_it_deleted(new: Cluster, elasticsearch_url: str) -> None:
    chosen = settings_of("", "postgresql:///", elasticsearch_url, partitions=1, prefix=new.prefix.removesuffix("-"))
    assert from_older(chosen, drop_old=False) == f"{len(POSTS) + len(INCIDENTS) + len(ASSIGNED)} documents copied"
    said = from_older(chosen, drop_old=True)
    assert said.startswith("0 documents copied; deleted ")
    assert f"{new.prefix}incidents-v{SCHEMA - 1}" in said


def test_a_program_of_the_schema_before_still_starts_beside_the_new_indices(new: Cluster) -> None:
    reindex(new, nothing)
    prepare_indices(new.at(SCHEMA - 1))


def test_an_index_that_a_write_made_without_our_template_is_refused(elasticsearch_url: str) -> None:
    cluster = cluster_of_tests(elasticsearch_url, unique())
    cluster.client.index(index=cluster.members, document={"post": "p"})
    with pytest.raises(ConfigurationError, match="was not made by Huiying"):
        prepare_indices(cluster)
    cluster.client.indices.delete(index=cluster.members)
    cluster.close()


def test_an_index_that_is_lost_under_a_running_worker_is_made_as_it_was(elasticsearch_url: str) -> None:
    cluster = cluster_of_tests(elasticsearch_url, unique())
    prepare_indices(cluster)
    cluster.client.indices.delete(index=[cluster.incidents, cluster.members])
    ElasticWriter(cluster).write(POSTS[:3], INCIDENTS, [], 1)
    prepare_indices(cluster)
    assert ElasticIndex(cluster).incidents(IncidentQuery()).items[0].id == "i4"
    drop_indices(cluster)
    cluster.close()


def test_a_cluster_that_takes_no_new_index_is_in_trouble_and_the_post_is_not_given_up(new: Cluster) -> None:
    make_indices(new)
    limit = "cluster.max_shards_per_node"
    new.client.cluster.put_settings(persistent={limit: 1})
    try:
        with pytest.raises(StorageError, match="validation_exception"):
            ElasticWriter(new).write(POSTS[:1], [], [], 1)
    finally:
        new.client.cluster.put_settings(persistent={limit: None})
