"""What an answer holds: bytes in, entries out. Pure functions; no Scrapy, no network, no clock."""
