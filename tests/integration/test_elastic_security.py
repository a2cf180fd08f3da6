"""The Index through TLS and an API key: its whole contract, and errors that say which setting is wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.distributed import cluster_of
from core.errors import HuiyingError, StorageError
from core.ports import Storage
from core.settings import Settings
from core.storage.elastic import prepare_indices
from tests.contract.test_index import *  # noqa: F403  # its tests, with the storage of this module
from tests.servers.certificates import Certificates, certificates
from tests.servers.distributed import Distributed
from tests.servers.guarded_elasticsearch import GuardedElasticsearch
from tests.servers.names import unique

KEY = "VnVhQ2ZHY0JDZGJrU2hVaXlpbmc6dGVzdA=="


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def guarded(elasticsearch_url: str, trusted: Certificates) -> Iterator[str]:
    with GuardedElasticsearch(elasticsearch_url, trusted.server, KEY) as elasticsearch:
        yield elasticsearch.url


@pytest.fixture
def storage(addresses: list[str], guarded: str, trusted: Certificates) -> Iterator[Storage]:
    kafka, postgres, _ = addresses
    made = Distributed(
        kafka, postgres, guarded, partitions=1, elasticsearch_key=KEY, elasticsearch_ca=trusted.ca
    )  # fmt: skip
    yield made.storage
    made.close()


def refusal(**given: object) -> str:
    """What the start says with these settings, on one line and without the key."""
    settings = Settings(prefix=unique(), **given)  # type: ignore[arg-type]  # the caller names fields of Settings
    with pytest.raises(HuiyingError) as caught:
        prepare_indices(cluster_of(settings))
    said = str(caught.value)
    assert "\n" not in said
    assert KEY not in said
    return said


def test_a_wrong_key_and_a_missing_one_name_their_setting(guarded: str, trusted: Certificates) -> None:
    for key in ("d3Jvbmc6a2V5", ""):
        said = refusal(elasticsearch=guarded, elasticsearch_ca=trusted.ca, elasticsearch_key=key)
        assert "HUIYING_ELASTICSEARCH_KEY" in said
        assert "d3Jvbmc6a2V5" not in said


def test_a_certificate_of_an_authority_that_is_not_trusted_names_the_setting(guarded: str, tmp_path: Path) -> None:
    stranger = certificates(tmp_path).ca
    for ca in (stranger, None):
        said = refusal(elasticsearch=guarded, elasticsearch_ca=ca, elasticsearch_key=KEY)
        assert "HUIYING_ELASTICSEARCH_CA" in said


def test_plain_http_to_a_server_that_speaks_tls_names_the_setting(guarded: str) -> None:
    said = refusal(elasticsearch=guarded.replace("https", "http"), elasticsearch_key=KEY)
    assert "HUIYING_ELASTICSEARCH begins with https://" in said


def test_an_authority_that_is_no_certificate_names_the_setting(guarded: str, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for broken in (tmp_path / "empty", tmp_path / "nowhere"):
        said = refusal(elasticsearch=guarded, elasticsearch_ca=broken, elasticsearch_key=KEY)
        assert "HUIYING_ELASTICSEARCH_CA" in said


def test_a_key_that_is_revoked_later_is_an_error_that_work_can_be_tried_again_after(
    guarded: str, trusted: Certificates
) -> None:
    with pytest.raises(StorageError, match="HUIYING_ELASTICSEARCH_KEY"):
        cluster_of(Settings(elasticsearch=guarded, elasticsearch_ca=trusted.ca)).refresh()
