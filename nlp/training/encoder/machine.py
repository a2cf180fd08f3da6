"""What makes training bearable on two cores: weights as short as is quick there, cheap dropout, batches by length."""

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional


def quickest(size: int = 256) -> torch.dtype:
    """Half precision where this machine multiplies in it faster than in full: without instructions for it, it is a hundred
    times slower.
    """
    return min((torch.float32, torch.bfloat16), key=lambda kind: _takes(torch.ones(size, size, dtype=kind)))


def _takes(matrix: torch.Tensor) -> float:
    """Seconds of a multiplication: the least of many, for a machine that does other work must not choose by chance."""
    took = []
    for _ in range(30):
        began = monotonic()
        torch.mm(matrix, matrix)
        took.append(monotonic() - began)
    return min(took)


PRECISION = quickest()
LONGEST = 128
"""Tokens of a text at most; of a longer one the beginning and the end are read."""
_TAIL = 40
TOKENS = 8192
"""Tokens of a batch, padding counted."""
_POOL = 1 << 24
WARMTH = 0.05
"""Temperature of the comparison of pairs."""
TELL_EVERY_S, SAVE_EVERY_S = 60, 300


def save(state: Any, file: Path) -> None:
    """Write all of it or nothing: a file that is there is whole, whenever the run is cut."""
    new = file.with_name(f"{file.name}.new")
    torch.save(state, new)
    new.replace(file)


class Dropout(nn.Module):
    """Dropout from a pool of masks drawn once: drawing anew for every batch takes a third of the time of a step."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self._share = share
        self._pool: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """`x` with that share of its numbers set to 0 and the rest scaled up, while training."""
        if not self.training or not self._share:
            return x
        if self._pool is None:  # by a seed of its own: the same after a cut
            kept = torch.rand(_POOL, generator=torch.Generator().manual_seed(_POOL)) >= self._share
            self._pool = kept.to(PRECISION) / (1 - self._share)
        begin = int(torch.randint(0, _POOL - x.numel(), (1,)))
        return x * self._pool[begin : begin + x.numel()].view_as(x).to(x.dtype)


def quicken(model: nn.Module, dropout: float) -> nn.Module:
    """The model in `PRECISION` with one pool of masks in place of its own dropout layers (not those of attention)."""
    shared = Dropout(dropout)
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Dropout) and not hasattr(module, "query"):
                setattr(module, name, shared)
    return model.to(PRECISION)


class Optimiser:
    """AdamW over full-precision copies of the weights; linear warm-up and decay over `steps`."""

    def __init__(self, groups: Iterable[tuple[Iterable[nn.Parameter], float]], steps: int, decay: float = 0.01) -> None:
        self._pairs: list[tuple[nn.Parameter, torch.Tensor]] = []
        options: list[dict[str, Any]] = []
        for parameters, rate in groups:
            own = [(p, p.detach().float().clone().requires_grad_()) for p in parameters]
            self._pairs += own
            matrices = [copy for _, copy in own if copy.dim() > 1]
            vectors = [copy for _, copy in own if copy.dim() <= 1]
            options += [
                {"params": matrices, "lr": rate, "weight_decay": decay},
                {"params": vectors, "lr": rate, "weight_decay": 0.0},
            ]
        self._adam = torch.optim.AdamW(options, fused=True, betas=(0.9, 0.98))
        warm = max(1, steps // 20)
        self._plan = torch.optim.lr_scheduler.LambdaLR(
            self._adam, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / (steps - warm)))
        )

    def step(self) -> None:
        """One step along the gradients, which are cleared."""
        for weight, copy in self._pairs:
            copy.grad = None if weight.grad is None else weight.grad.float()
            weight.grad = None
        torch.nn.utils.clip_grad_norm_([copy for _, copy in self._pairs], 1.0)
        self._adam.step()
        self._plan.step()
        with torch.no_grad():
            for weight, copy in self._pairs:
                weight.copy_(copy)

    def state(self) -> dict[str, Any]:
        """What `restore` needs to go on."""
        copies = [copy.detach() for _, copy in self._pairs]
        return {"copies": copies, "adam": self._adam.state_dict(), "plan": self._plan.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a `state`."""
        self._adam.load_state_dict(state["adam"])
        self._plan.load_state_dict(state["plan"])
        with torch.no_grad():
            for (weight, copy), stored in zip(self._pairs, state["copies"], strict=True):
                copy.copy_(stored)
                weight.copy_(copy)


class Progress:
    """Of a training: tells once a minute how it goes, keeps its state every five, and goes on from there after a cut.

    `begin` is the step to begin at. What is drawn by chance goes on too, so that a cut changes nothing.
    """

    def __init__(self, name: str, steps: int, out: Path, optimiser: Optimiser) -> None:
        self._name, self._steps, self._optimiser = name, steps, optimiser
        self._halfway = out.with_suffix(".part")
        self._saved = self._told = monotonic()
        self._began = self._saved
        self._means: dict[str, float] = {}
        self.begin = 0
        if self._halfway.exists():
            state = torch.load(self._halfway)
            optimiser.restore(state["optimiser"])
            torch.set_rng_state(state["chance"])
            self.begin = int(state["step"])
            print(f"{name}: goes on at step {self.begin}", flush=True)

    def stepped(self, step: int, losses: dict[str, torch.Tensor]) -> None:
        """After a step, with what it lost of each kind."""
        for kind, loss in losses.items():
            self._means[kind] = 0.98 * self._means.get(kind, loss.item()) + 0.02 * loss.item()
        if monotonic() - self._told > TELL_EVERY_S:
            self._told = monotonic()
            shown = ", ".join(f"{kind} {mean:.3f}" for kind, mean in self._means.items())
            left = (monotonic() - self._began) / (step + 1 - self.begin) * (self._steps - step - 1)
            print(f"{self._name}: step {step + 1} of {self._steps}, {left / 60:.0f} min left, {shown}", flush=True)
        if monotonic() - self._saved > SAVE_EVERY_S:
            state = {"step": step + 1, "chance": torch.get_rng_state(), "optimiser": self._optimiser.state()}
            save(state, self._halfway)
            self._saved = monotonic()

    def ended(self) -> None:
        """The result is written; what was kept on the way is not needed."""
        self._halfway.unlink(missing_ok=True)


def drawn_together(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """InfoNCE of pairs of vectors of length one (van den Oord et al. 2018): each should be most like its other."""
    likeness = left @ right.T / WARMTH
    same = torch.arange(len(left))
    return (functional.cross_entropy(likeness, same) + functional.cross_entropy(likeness.T, same)) / 2


def shortened(ids: Sequence[int]) -> list[int]:
    """A text's tokens with room for the two that frame it; of a long one the beginning and the end."""
    room = LONGEST - 2
    return list(ids) if len(ids) <= room else [*ids[: room - _TAIL], *ids[-_TAIL:]]


def framed(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Token numbers of each text with [CLS] and [SEP] around."""
    begin, end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    return [
        [begin, *shortened(encoded.ids), end]
        for first in range(0, len(texts), 2000)
        for encoded in tokenizer.encode_batch(list(texts[first : first + 2000]), add_special_tokens=False)
    ]


def padded(sequences: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Token numbers and which of them are no padding, both (texts x longest)."""
    width = max(len(ids) for ids in sequences)
    ids = torch.zeros(len(sequences), width, dtype=torch.long)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = torch.tensor(sequence)
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    return ids, torch.arange(width)[None] < lengths[:, None]


def batches(
    lengths: np.ndarray[Any, Any], seed: int, copies: int = 1, most: int = TOKENS
) -> Iterator[np.ndarray[Any, Any]]:
    """Numbers of items in batches of like length and at most `most` tokens (`copies` texts an item), in random order.

    Items are mixed first, then sorted within stretches: each batch is a random draw of its length.
    """
    chance = np.random.default_rng(seed)
    order = chance.permutation(len(lengths))
    made: list[np.ndarray[Any, Any]] = []
    for stretch in np.array_split(order, math.ceil(len(order) / 8000)):
        ranked = stretch[np.argsort(lengths[stretch], kind="stable")]
        begin = 0
        while begin < len(ranked):
            end = begin + 1
            while end < len(ranked) and (end + 1 - begin) * copies * lengths[ranked[end]] <= most:
                end += 1
            made.append(ranked[begin:end])
            begin = end
    for number in chance.permutation(len(made)):
        yield made[number]


def mean(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean of a text's states, (texts x width), in full precision."""
    weight = mask.unsqueeze(-1).float()
    return (states.float() * weight).sum(1) / weight.sum(1)
