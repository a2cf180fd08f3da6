"""The story of `tests.e2e.test_outage_story` with a server that is killed again and again: `make story`."""
