"""The Log on Apache Kafka, by kafka-python. Faust reads the same topics in `stream/`."""

from core.storage.kafka.log import KafkaLog, message_of
from core.storage.kafka.producer import Producer
from core.storage.kafka.security import Security
from core.storage.kafka.topics import Brokers, prepare_topics, working

__all__ = ["Brokers", "KafkaLog", "Producer", "Security", "message_of", "prepare_topics", "working"]
