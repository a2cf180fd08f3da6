"""The Log on Apache Kafka, by kafka-python. Faust reads the same topics in `stream/`."""

from core.storage.kafka.condition import broker_count, out_of_sync
from core.storage.kafka.log import KafkaLog, message_of
from core.storage.kafka.producer import Producer
from core.storage.kafka.security import Security
from core.storage.kafka.topics import Brokers, check_topics, prepare_topics, working

__all__ = [
    "Brokers",
    "KafkaLog",
    "Producer",
    "Security",
    "broker_count",
    "check_topics",
    "message_of",
    "out_of_sync",
    "prepare_topics",
    "working",
]
