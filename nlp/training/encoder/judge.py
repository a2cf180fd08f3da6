"""The encoder with its heads: one pass gives the scores of all labels and a vector for likeness.

A score is the mean over tokens of a linear function of their states: so what each token adds to it is known.
"""

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from nlp.training.encoder.machine import mean

VECTOR = 128
"""Numbers of a text's vector."""


class Judge(nn.Module):
    """`classes` gives the number of classes of every head."""

    def __init__(self, encoder: Any, classes: dict[str, int]) -> None:
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.heads = nn.ModuleDict({name: nn.Linear(width, number) for name, number in classes.items()})
        self.projection = nn.Linear(width, VECTOR)
        nn.init.orthogonal_(self.projection.weight)

    def read(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What the heads see of every text, the mean of its states, and its vector, of length one."""
        middle = mean(self.encoder(ids, attention_mask=mask).last_hidden_state, mask).to(self.projection.weight.dtype)
        return middle, functional.normalize(self.projection(middle), dim=1)

    def score(self, head: str, seen: torch.Tensor) -> torch.Tensor:
        """Logits of one head."""
        logits: torch.Tensor = self.heads[head](seen).float()
        return logits
