"""Which partition a jurisdiction lives in: the same in every process, language and release."""

import zlib


def partition_of(key: str, partitions: int) -> int:
    """CRC-32 of the key's UTF-8 bytes, modulo the number of partitions."""
    return zlib.crc32(key.encode()) % partitions
