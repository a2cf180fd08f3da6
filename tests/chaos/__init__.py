"""Faults on real servers and real processes, each followed by a count by id: nothing lost, nothing visibly doubled.

What a deployment that was hurt has found must be what an untouched one finds of the same posts. `make test` runs the short
set (test_short.py), `make chaos` the long one (`python -m tests.chaos`).
"""
