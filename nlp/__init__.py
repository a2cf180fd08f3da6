"""Text in, values out: cleaning and masking, language, places, risk, labels, near-duplicates, incidents.

No Kafka, no database, no web framework; models and state are passed in. `intake` and `admission` are the edge, `prepare`,
`analyse` and `detect` the stages, `incidents` the detector, `training` the scripts that make what ships in `models`, `data`.
"""
