"""Sites described by data: what to ask, where the rows are, where in a row each field is, with examples that are checked.

`language` is the form of a rule file, `picking` finds values, `pages` reads a page by its rules, `examples` holds rules to
what they promise. `software/` has the rules that ship.
"""
