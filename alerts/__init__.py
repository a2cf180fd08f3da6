"""From an incident to an evaluated answer: rules, levels, clocks, routing, the life of a case, notices, drafts, delivery.

Pure judgement over records: no Kafka, no database, no web framework. Policy is data (`data/*.yaml`), read by `policy`.
"""
