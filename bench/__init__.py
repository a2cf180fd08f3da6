"""`make bench`: figures of docs/performance.md, in one run, on real posts of ../shared/data (or the sample's generator).

Speed lives here and never in the tests. Ratios against a named baseline hold better than absolute numbers.
"""
