"""Downloader middlewares: which addresses are never visited, what robots.txt forbids, which servers are left alone."""
