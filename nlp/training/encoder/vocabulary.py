"""The tokenizer that ships: of the pretrained one the tokens that people use, and the emoji that it lacks."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import WordPiece

from nlp.training.encoder.start import Start

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
RAREST = 12
"""A token of fewer texts is cut; its characters are then unknown, as they would be to a reader of those texts."""
_PICTURE = "[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
_EMOJI = Regex(_PICTURE)


def count(texts: Iterable[str], start: Start, folder: Path) -> tuple[Counter[str], Counter[str]]:
    """In how many texts each token of the pretrained tokenizer, and each emoji, occurs."""
    tokenizer = Tokenizer.from_file(str(start.words(folder)))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokens: Counter[str] = Counter()
    emoji: Counter[str] = Counter()
    batch: list[str] = []
    for text in texts:
        emoji.update(set(re.findall(_PICTURE, text)))
        batch.append(text)
        if len(batch) == 2000:
            _count(tokenizer, batch, tokens)
            batch = []
    _count(tokenizer, batch, tokens)
    return tokens, emoji


def _count(tokenizer: Tokenizer, batch: list[str], tokens: Counter[str]) -> None:
    for encoded in tokenizer.encode_batch(batch, add_special_tokens=False):
        tokens.update(set(encoded.tokens))


def choose(
    tokens: Counter[str], emoji: Counter[str], start: Start, folder: Path, rarest: int = RAREST
) -> tuple[list[str], list[int]]:
    """The vocabulary in order, and for its first tokens their rows in the pretrained one; the rest is new."""
    known: dict[str, int] = json.loads(start.words(folder).read_text(encoding="utf-8"))["model"]["vocab"]
    # Single letters and digits stay, so that no latin word is unknown.
    plain = {form for letter in "abcdefghijklmnopqrstuvwxyz0123456789" for form in (letter, f"##{letter}")}
    kept = [*SPECIAL, *sorted(t for t in known if t not in SPECIAL and (tokens[t] >= rarest or t in plain))]
    new = sorted(face for face, number in emoji.items() if number >= rarest and face not in known)
    return [*kept, *new], [known[token] for token in kept]


def tokenizer(vocabulary: list[str]) -> Tokenizer:
    """Word pieces over folded text, every emoji a token of its own."""
    numbers = {token: number for number, token in enumerate(vocabulary)}
    made = Tokenizer(WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=40))  # noqa: S106  # no password
    made.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=True
    )
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(_EMOJI, "isolated"), pre_tokenizers.BertPreTokenizer()]
    )
    return made
