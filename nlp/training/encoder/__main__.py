"""`make encoder`: from raw data to the encoders that ship; goes on where it was cut off.

python -m nlp.training.encoder --data ../shared/data --work .cache/encoder
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from nlp.training.encoder.recipes import RECIPES
from nlp.training.encoder.workshop import Workshop


def main() -> None:
    """Run what is still to be done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of research data")
    parser.add_argument("--work", type=Path, default=Path(".cache/encoder"), help="where the steps leave their files")
    parser.add_argument("--only", choices=sorted(RECIPES), help="one of them")
    parser.add_argument("--out", type=Path, help="where to put it instead of into the package; with --only")
    parser.add_argument("--tokens", type=int, help="tokens of the further pretraining; with --only")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    for name in [chosen.only] if chosen.only else RECIPES:
        recipe = RECIPES[name](chosen.data)
        if chosen.tokens is not None:
            recipe = replace(recipe, tokens=chosen.tokens)
        out = chosen.out or recipe.out
        made = Workshop(recipe, chosen.work / name).ship(out)
        size = sum(file.stat().st_size for file in out.iterdir()) / 1e6
        print(f"{made.version}: {size:.1f} MB in {out}", flush=True)


if __name__ == "__main__":
    main()
