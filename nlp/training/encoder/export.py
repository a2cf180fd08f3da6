"""From a trained `Judge` to what serves: one graph, its layers fused, in small whole numbers."""

from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from torch import nn
from torch.nn import functional

from nlp.training.encoder.judge import Judge

_FLOAT = 1
"""onnx.TensorProto.FLOAT: what the quantiser takes for the type of fused nodes, which it does not know."""


class Serving(nn.Module):
    """Token numbers and mask in; scores of every token for the classes of `heads` in their order, and the vectors, out."""

    def __init__(self, judge: Judge, heads: list[str]) -> None:
        super().__init__()
        self.encoder = judge.encoder
        self.projection = judge.projection
        layers: list[Any] = [judge.heads[name] for name in heads]
        self.scores = nn.Linear(judge.encoder.config.hidden_size, sum(layer.out_features for layer in layers))
        with torch.no_grad():
            self.scores.weight.copy_(torch.cat([layer.weight for layer in layers]))
            self.scores.bias.copy_(torch.cat([layer.bias for layer in layers]))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """A text's score is the mean over its tokens."""
        states = self.encoder(ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(states.dtype)
        middle = (states * weight).sum(1) / weight.sum(1)
        return self.scores(states), functional.normalize(self.projection(middle), dim=1)


def export(judge: Judge, heads: list[str], folder: Path, name: str) -> None:
    """Write `folder`/`name`, and beside it the graph before it was quantised, for comparison."""
    folder.mkdir(parents=True, exist_ok=True)
    judge = judge.float().eval()
    judge.encoder.config._attn_implementation = "eager"  # the fusion knows this form
    example: Any = (torch.ones(2, 9, dtype=torch.long), torch.ones(2, 9, dtype=torch.long))
    plain, full = folder / "plain.onnx", folder / "full.onnx"
    axes = {0: "texts", 1: "tokens"}
    torch.onnx.export(
        Serving(judge, heads).eval(),
        example,
        str(plain),
        input_names=["ids", "mask"],
        output_names=["scores", "vector"],
        dynamic_axes={"ids": axes, "mask": axes, "scores": axes, "vector": {0: "texts"}},
        dynamo=False,
        opset_version=17,
    )
    options = FusionOptions("bert")
    options.enable_embed_layer_norm = False
    shape = judge.encoder.config.num_attention_heads, judge.encoder.config.hidden_size
    fused = optimizer.optimize_model(str(plain), "bert", *shape, optimization_options=options, opt_level=0)
    fused.save_model_to_file(str(full))
    # Seven bits a weight: processors without VNNI add up pairs of products in sixteen bits, which overflow with eight, and
    # the same text gets other labels there.
    quantize_dynamic(
        full,
        folder / name,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": _FLOAT},
    )
    plain.unlink()
