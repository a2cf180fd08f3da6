"""Proposed replies in which every sentence is locked to its evidence."""
