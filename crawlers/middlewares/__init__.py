"""Downloader middlewares: which addresses are never visited, and which servers are left alone for a while."""
