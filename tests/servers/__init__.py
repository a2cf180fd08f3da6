"""Real servers for tests, started from packages alone (no Docker, no system Java): see ../shared/engines.md."""
