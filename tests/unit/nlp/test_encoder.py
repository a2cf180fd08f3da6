"""The encoder that ships."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConfigurationError
from nlp.cascade import UNHURRIED, Cascade, explain
from nlp.encoder import CARD, GRAPH, LONGEST, SHIPPED, WORDS, Encoder
from nlp.english import SHIPPED as SHIPPED_ENGLISH
from nlp.labels import load_labeller
from nlp.script import fold

LETTER = "小区违建没人管，投诉无门\n楼顶加盖了两层，物业不作为，业主们很气愤，请住建局查处拆除。"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


def test_it_is_at_most_25_megabytes() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) <= 25e6


def heaviest(folder: Path) -> int:
    """Of the weights that are multiplied in whole numbers the one farthest from 0."""
    graph = onnx.load(folder / GRAPH).graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    multiplied = [
        onnx.numpy_helper.to_array(weights[node.input[1]])
        for node in graph.node
        if node.op_type in {"MatMulInteger", "QAttention"} and node.input[1] in weights
    ]
    assert {matrix.dtype for matrix in multiplied} == {np.dtype(np.int8)}
    return max(int(np.abs(matrix.astype(int)).max()) for matrix in multiplied)


@pytest.mark.parametrize("folder", [SHIPPED, SHIPPED_ENGLISH], ids=["chinese", "english"])
def test_two_products_fit_in_sixteen_bits_so_that_every_processor_computes_the_same(folder: Path) -> None:
    assert 2 * 255 * heaviest(folder) < 1 << 15


def test_both_tiers_answer_the_same_heads(encoder: Encoder) -> None:
    assert encoder.heads == load_labeller().heads
    assert set(encoder.card.below) == {head.name for head in encoder.heads}


def test_a_text_is_read_alike_alone_and_among_others(encoder: Encoder) -> None:
    texts = [fold(LETTER), "今天真开心", fold(LETTER) * 4]
    together = encoder.read(texts)
    for text, among in zip(texts, together, strict=True):
        alone = encoder.read([text])[0]
        assert np.array_equal(alone.scores, among.scores)
        assert np.array_equal(alone.vector, among.vector)


def test_of_a_long_text_the_beginning_and_the_end_are_read(encoder: Encoder) -> None:
    long = "停水" * 300 + "谢谢政府"
    read = encoder.read([long])[0]
    assert len(read.scores) == len(read.spans) == LONGEST
    assert [long[begin:end] for begin, end in read.spans[-5:-1]] == list("谢谢政府")


def test_probabilities_sum_to_one_alone_and_with_the_fast_tier(encoder: Encoder) -> None:
    fast = load_labeller()
    scored = fast.score([fold(LETTER)])
    scores = {head.name: scored.scores[:, head.columns] for head in fast.heads}
    reads = encoder.read([fold(LETTER)])
    for given_scores in (None, scores):
        for of in encoder.probabilities(reads, given_scores).values():
            assert of.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("气死我了，打了三天电话都没人管，太差劲了", "negative"),
        ("今天真开心，谢谢大家的帮助，太棒了[心]", "positive"),
    ],
)
def test_a_clear_mood_is_heard(encoder: Encoder, text: str, sentiment: str) -> None:
    of = encoder.probabilities(encoder.read([fold(text)]))["sentiment"][0]
    assert encoder.heads[0].classes[int(of.argmax())] == sentiment


def test_texts_about_one_thing_are_more_alike_than_others(encoder: Encoder) -> None:
    one, same, other = encoder.vectors(
        ["观澜街道凌晨施工噪音太大睡不着", "观澜这边半夜工地还在打桩吵死了", "请问医保怎么报销"]
    )
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-4)
    assert one @ same > one @ other + 0.2


def test_vectors_keep_the_order_of_their_texts_repeats_too(encoder: Encoder) -> None:
    texts = ["停水了", "停电了", "停水了"]
    vectors = encoder.vectors(texts)
    assert np.array_equal(vectors[0], vectors[2])
    assert np.array_equal(vectors, np.stack([encoder.read([text])[0].vector for text in texts]))


def test_vectors_of_nothing_are_an_empty_table(encoder: Encoder) -> None:
    assert encoder.vectors([]).shape == (0, encoder.vectors(["停水了"]).shape[1])


def test_a_vector_is_read_once_while_it_is_among_those_last_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlp.encoder.REMEMBERED", 2)
    encoder, asked = Encoder(), []
    read = encoder.read

    def reading(texts):
        asked.extend(texts)
        return read(texts)

    monkeypatch.setattr(encoder, "read", reading)
    for texts in (["停水了", "停电了"], ["停水了"], ["路灯坏了"], ["停水了"], ["停电了"]):
        encoder.vectors(texts)
    assert asked == ["停水了", "停电了", "路灯坏了", "停电了"]


def test_the_graph_multiplies_in_eight_bit_numbers() -> None:
    graph = (SHIPPED / GRAPH).read_bytes()
    assert b"MatMulInteger" in graph or b"DynamicQuantizeMatMul" in graph


def test_reasons_are_words_of_the_text_and_taking_them_out_weakens_the_label(encoder: Encoder) -> None:
    text = fold(LETTER)
    reads = encoder.read([text])
    probabilities = encoder.probabilities(reads)
    reasons = explain(encoder, [text], reads, probabilities)[0]
    assert set(reasons) >= {"sentiment", "domain"}
    assert all(ngram.text in text and ngram.weight > 0 for found in reasons.values() for ngram in found)
    domain = int(probabilities["domain"][0].argmax())
    without = text
    for ngram in reasons["domain"]:
        without = without.replace(ngram.text, "")
    assert encoder.probabilities(encoder.read([without]))["domain"][0][domain] < probabilities["domain"][0][domain]


def test_both_scripts_get_the_same_labels(encoder: Encoder) -> None:
    both = Cascade(load_labeller(), encoder, UNHURRIED)
    simplified, traditional = both.label([fold("这条路的路灯坏了很久没人修"), fold("這條路的路燈壞了很久沒人修")])
    assert simplified == traditional


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(), max_size=300))
def test_any_text_is_read(encoder: Encoder, text: str) -> None:
    read = encoder.read([text])[0]
    assert np.isfinite(read.scores).all()
    (gains,) = encoder.gains([read], encoder.heads[0], np.array([0]), [len(text)])
    assert len(gains) == len(text)


@pytest.mark.parametrize("missing", [GRAPH, WORDS, CARD])
def test_a_folder_that_lacks_a_part_is_named(tmp_path: Path, missing: str) -> None:
    shutil.copytree(SHIPPED, tmp_path / "own")
    (tmp_path / "own" / missing).unlink()
    with pytest.raises(ConfigurationError, match=f"no encoder: it has no {missing}"):
        Encoder(tmp_path / "own")


def test_a_broken_card_or_graph_is_an_error_of_the_settings(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "own")
    card = json.loads((SHIPPED / CARD).read_text(encoding="utf-8"))
    (tmp_path / "own" / CARD).write_text(json.dumps({**card, "version": 3}), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"card\.json"):
        Encoder(tmp_path / "own")
    (tmp_path / "own" / GRAPH).write_bytes(b"no graph")
    with pytest.raises(ConfigurationError, match="cannot be read as an encoder"):
        Encoder(tmp_path / "own")


def test_how_texts_are_cut_into_batches_does_not_show_in_their_labels(encoder: Encoder) -> None:
    both = Cascade(load_labeller(), encoder, UNHURRIED)
    texts = [fold(f"{n}号楼的路灯{'坏了没人修' if n % 3 else '修好了'}，{'唉' * (n % 5)}") for n in range(60)]
    assert both.label(texts) == [judgement for n in range(0, 60, 7) for judgement in both.label(texts[n : n + 7])]


def test_a_very_long_text_is_read_by_its_ends_and_its_spans_are_those_of_the_whole(encoder: Encoder) -> None:
    middle = "一二三四五六七八九十" * 9_000
    begin, end = "小区又停水了，" * 900, "。物业根本没人管" * 400
    (read,), (other,) = encoder.read([begin + middle + end]), encoder.read([begin + end])
    whole, shorter = begin + middle + end, begin + end
    assert np.array_equal(read.scores, other.scores)
    assert [whole[a:b] for a, b in read.spans] == [shorter[a:b] for a, b in other.spans]
    assert max(b for _, b in read.spans) == len(whole)
