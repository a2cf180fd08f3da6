"""Tests: `unit` (one module), `contract` (every adapter of a port), `integration` (real servers), `e2e` (the product)."""
