"""Further pretraining: masked tokens, and which two texts are about one thing (InfoNCE; van den Oord et al. 2018).

Both from one pass: the texts of a pair are masked each for itself, and their means are drawn together.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from nlp.training.data import SEED
from nlp.training.encoder.machine import (
    PRECISION,
    Optimiser,
    Progress,
    batches,
    drawn_together,
    framed,
    mean,
    padded,
    quicken,
    save,
)
from nlp.training.encoder.texts import Pair

MASKED = 0.15
PULL = 0.2
"""What the pairs count beside the masked tokens."""
RATE = 2e-4


class Guesser(nn.Module):
    """Guesses masked tokens from their states; its last matrix is the encoder's vocabulary."""

    def __init__(self, words: nn.Embedding, width: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, words.embedding_dim)
        self.norm = nn.LayerNorm(words.embedding_dim)
        self.bias = nn.Parameter(torch.zeros(words.num_embeddings))
        self._words = [words]

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """Logits over the vocabulary, one row per state."""
        seen = self.norm(functional.gelu(self.dense(states)))
        logits: torch.Tensor = (seen @ self._words[0].weight.T).float() + self.bias.float()
        return logits


def pretrain(encoder: Any, tokenizer: Any, pairs: list[Pair], tokens: int, out: Path) -> None:
    """Train `encoder` on about so many tokens and write its weights to `out`; goes on where an earlier run was cut off."""
    torch.manual_seed(SEED)
    sequences = framed(tokenizer, [text for pair in pairs for text in pair])
    lengths = np.array([max(len(sequences[2 * n]), len(sequences[2 * n + 1])) for n in range(len(pairs))])
    plan = _plan(lengths, tokens)
    encoder = quicken(encoder, 0.1).train()
    guesser = Guesser(encoder.get_input_embeddings(), encoder.config.hidden_size).to(PRECISION)
    optimiser = Optimiser([(encoder.parameters(), RATE), (guesser.parameters(), RATE)], len(plan))
    progress = Progress("pretraining", len(plan), out, optimiser)
    for step, numbers in enumerate(plan[progress.begin :], progress.begin):
        ids, mask = padded([sequences[2 * n + side] for side in (0, 1) for n in numbers])
        losses = _losses(encoder, guesser, tokenizer, ids, mask)
        torch.autograd.backward(losses["tokens"] + PULL * losses["pairs"])
        optimiser.step()
        progress.stepped(step, losses)
    save({key: value.float() for key, value in encoder.state_dict().items()}, out)
    progress.ended()


def _plan(lengths: np.ndarray[Any, Any], tokens: int) -> list[np.ndarray[Any, Any]]:
    """Batches of pairs, pass after pass, until so many tokens are read."""
    chosen: list[np.ndarray[Any, Any]] = []
    read = passes = 0
    while read < tokens:
        for numbers in batches(lengths, SEED + passes, copies=2):
            if read >= tokens:
                break
            chosen.append(numbers)
            read += 2 * int(lengths[numbers].max()) * len(numbers)
        passes += 1
    return chosen


def _losses(
    encoder: Any, guesser: Guesser, tokenizer: Any, ids: torch.Tensor, mask: torch.Tensor
) -> dict[str, torch.Tensor]:
    hidden, wanted = _masked(ids, mask, tokenizer)
    states = encoder(hidden, attention_mask=mask).last_hidden_state
    guess = functional.cross_entropy(guesser(states[wanted]), ids[wanted])
    vectors = functional.normalize(mean(states, mask), dim=1)
    left, right = vectors.chunk(2)
    return {"tokens": guess, "pairs": drawn_together(left, right)}


def _masked(ids: torch.Tensor, mask: torch.Tensor, tokenizer: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """The tokens with some hidden, and which; of ten, eight show [MASK], one another token, one itself (Devlin et al.)."""
    ends = (ids == tokenizer.token_to_id("[CLS]")) | (ids == tokenizer.token_to_id("[SEP]"))
    wanted = (torch.rand(ids.shape) < MASKED) & mask & ~ends
    dice = torch.rand(ids.shape)
    hidden = ids.clone()
    hidden[wanted & (dice < 0.8)] = tokenizer.token_to_id("[MASK]")
    other = wanted & (dice >= 0.8) & (dice < 0.9)
    hidden[other] = torch.randint(5, tokenizer.get_vocab_size(), (int(other.sum()),))
    return hidden, wanted
