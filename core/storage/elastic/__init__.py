"""The Index on Elasticsearch, within its server core: no scripts, no modules, no analysers beyond `whitespace`."""

from core.storage.elastic.cluster import Cluster
from core.storage.elastic.index import ElasticIndex
from core.storage.elastic.indices import prepare_indices
from core.storage.elastic.reindex import drop_older, reindex
from core.storage.elastic.writer import ElasticWriter

__all__ = ["Cluster", "ElasticIndex", "ElasticWriter", "drop_older", "prepare_indices", "reindex"]
