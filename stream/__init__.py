"""The topology and what drives it: `topology` (the list of steps), `stages` (records in, effects out), `embedded` (one
machine, no server). No logic of its own: judging is in `nlp`, policy in `alerts`. Only `app` imports it.
"""
