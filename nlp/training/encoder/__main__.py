"""`make encoder`: from raw data to the encoders that ship; goes on where it was cut off.

python -m nlp.training.encoder --data ../shared/data --work .cache/encoder
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from nlp.encoder import read_card
from nlp.training.encoder.recipes import RECIPES
from nlp.training.encoder.start import Directory
from nlp.training.encoder.workshop import Workshop, compared


def main() -> None:
    """Run what is still to be done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of research data")
    parser.add_argument("--work", type=Path, default=Path(".cache/encoder"), help="where the steps leave their files")
    parser.add_argument("--only", choices=sorted(RECIPES), help="one of them")
    parser.add_argument("--out", type=Path, help="where to put it instead of into the package; with --only")
    parser.add_argument("--tokens", type=int, help="tokens of the further pretraining; with --only")
    parser.add_argument("--start", type=Path, help="a directory of transformers to start from; with --only and --out")
    parser.add_argument("--refit", action="store_true", help="only how both tiers answer together, after `make models`")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    chosen = parser.parse_args()
    if chosen.start and not (chosen.only and chosen.out):
        parser.error("--start wants --only and --out: what ships starts from what is named in start.py")
    if (chosen.out or chosen.tokens is not None) and not chosen.only:
        parser.error("--out and --tokens want --only: each encoder has a folder and a recipe of its own")
    torch.set_num_threads(chosen.threads)
    for name in [chosen.only] if chosen.only else RECIPES:
        recipe = RECIPES[name](chosen.data)
        if chosen.tokens is not None:
            recipe = replace(recipe, tokens=chosen.tokens)
        if chosen.start is not None:
            recipe = replace(recipe, start=Directory(chosen.start))
        out = chosen.out or recipe.out
        ships = read_card(recipe.out).figures
        workshop = Workshop(recipe, chosen.work / name)
        made = workshop.refit(out) if chosen.refit else workshop.ship(out)
        size = sum(file.stat().st_size for file in out.iterdir()) / 1e6
        print("\n".join([*compared(ships, made.card.figures), f"{made.version}: {size:.1f} MB in {out}"]), flush=True)


if __name__ == "__main__":
    main()
