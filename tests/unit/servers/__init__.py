"""The real servers that tests run against: how they are fetched."""
