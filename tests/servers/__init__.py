"""Real servers for tests, from packages alone: no Docker, no Maven, no Java of the system.

Each is a context manager that owns a child process and its data. Set `HUIYING_TEST_KAFKA`, `HUIYING_TEST_ELASTICSEARCH`
or `HUIYING_TEST_POSTGRES` to an address to test against a server that runs already.
"""
