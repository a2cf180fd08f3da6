"""The bottom of the house: what every folder may import, and nothing that imports them back.

A closed list: `records` (what flows), `topics` (where it flows), `effects` (what a stage asks for), `codec` (how it is
written), `ports` (what the engines promise), `errors` (what a caller should do), `settings`, `telemetry`, `tables` (YAML
that people edit), `addresses` (where outgoing requests may go), `clock` (time and ids come in by argument), and
`storage/<engine>` (the adapters). Nothing else belongs here: text goes to `nlp`, policy to `alerts`, wiring to `app`.
"""
