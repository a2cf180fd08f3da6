"""Whether an answer helped: curves around it, its effect with its uncertainty, the questions it left, score cards.

The method, with its limits, stands in docs/evaluation.md.
"""
