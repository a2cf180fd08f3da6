"""The bundled sample: an imagined district, two days of what its people write, and its policy tables.

What is here: the material (`material/*.yaml`: fragments and phases of incidents), the seeded generator (`scenario`), the
made file (`sample.jsonl.gz`, remade by `python -m app.sample`), its reader (`playback`), and `policy/` with the units, fact
cards and places of the district. Nobody and nothing in it is real; telephone numbers are made of zeros on purpose, so that
masking can be seen.
"""

from app.sample.playback import FILE, POLICY, load_sample, sample_places
from app.sample.scenario import generate

__all__ = ["FILE", "POLICY", "generate", "load_sample", "sample_places"]
