"""The words of an incident: its title and its terms. Both are taken from its posts, nothing is made up."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.records import AnalysedPost, Term
from nlp.incidents.cluster import Cluster
from nlp.incidents.features import PLACE, Bytes, Vector, name_buckets, vectors
from nlp.script import fold

_TITLE = 40
_SENTENCE = 8
_TERMS = 8
_WORD = 6
_RUN = 12
_HEAVY = 0.2  # of the heaviest word's weight: below it a word says little
_PLACED = 1.3  # what a title gains by saying where
_BREAKS = re.compile(
    r"[。！？!?；;\n\r【】]+|https?://[!-~]+|/{0,2}@[^\s:：/@]{1,30}[:：]?|#[^#\n]{1,60}#|\[[^\W_]{1,8}\]"
    r"|[\u2600-\u27bf\U0001f000-\U0001faff\ufe0f]+"
)
_PAUSES = re.compile(r"[，、：\s]|(?<!\d)[,:]|[,:](?!\d)")
_REACTION = re.compile(
    r"(?:转发?|扩散|关注|顶|蹲|马克|同问|支持|唉|哎|离谱|无语|气死|救命|天哪|服气|刚刚|就在刚才|又来了|说个事|同感|真的假的|"
    r"提醒一下|实名吐槽|谁懂啊|家人们|各位邻居|我们这也是|我也看到了|我就问一句|有人知道吗|怎么回事啊?|咋回事啊?|真的会谢|"
    r"细思极恐|回复|扩散一下|一定要说说|刚在[^，,：:]{1,6}看到的|请?帮忙?转发?)(?:[，,：:\s]+|$)"
)
_EDGE = re.compile(r"^[^\w《“‘（(]+|[^\w》”’）)]+$")
_DIVISION = re.compile(r"(?<=[0-9a-z])[市区县]")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_STOPS = "的了在是和这那就也都又还有没不我你他她它们个着过被把给让向对与及而吗呢吧啊呀嘛么很太说到得地之其为等再才"


def sentence_of(post: AnalysedPost) -> str:
    """The title, or else the first sentence that is more than a reaction; at most 40 characters, cut at a pause."""
    if post.title.strip():
        return _cut(post.title.strip())
    pieces = [_without_reaction(piece) for piece in _BREAKS.split(post.text[:400])]
    telling = (piece for piece in pieces if len(piece) >= _SENTENCE)
    return _cut(next(telling, max(pieces, key=len)))


def _without_reaction(piece: str) -> str:
    piece = _EDGE.sub("", piece)
    while (match := _REACTION.match(piece)) is not None:
        piece = _EDGE.sub("", piece[match.end() :])
    return piece


def _cut(sentence: str) -> str:
    if len(sentence) <= _TITLE:
        return sentence
    pauses = [match.start() for match in _PAUSES.finditer(sentence, _SENTENCE, _TITLE + 1)]
    return sentence[: pauses[-1] if pauses else _TITLE]


def titles(clusters: Sequence[Cluster], table: Bytes) -> list[str]:
    """The sentence nearest to the centroid of each cluster, rather one that says where; the earliest of equals."""
    sentences = [exemplar.sentence for cluster in clusters for exemplar in cluster.exemplars]
    found = iter(vectors([fold(sentence) for sentence in sentences], table))
    chosen = []
    for cluster in clusters:
        closeness = [(_closeness(next(found), cluster), -place) for place in range(len(cluster.exemplars))]
        chosen.append(cluster.exemplars[-max(closeness)[1]].sentence if closeness else "")
    return chosen


def _closeness(vector: Vector, cluster: Cluster) -> float:
    """Cosine to the centroid up to a constant; more if words of a place are among those shared."""
    get = cluster.terms.get
    words = sum([weight * get(feature, 0) for feature, weight in vector.items()])
    places = sum([weight * get(feature | PLACE, 0) for feature, weight in vector.items()])
    length = math.sqrt(sum([weight * weight for weight in vector.values()]))
    return (words + places) * (_PLACED if words and places else 1.0) / length if length else 0.0


def terms(cluster: Cluster, table: Bytes) -> tuple[Term, ...]:
    """Words of two to six characters; weight: share of the centroid, posts: how many hold it (at most, as pairs count).

    A word is what at least two of the cluster's sentences have in common between other characters, or stands alone in
    one; what is longer is cut where two characters meet that seldom do.
    The centroid weighs a pair of characters by how often posts have it and by its IDF in general text: this is keyness.
    """
    pieces = [set(_pieces(fold(exemplar.sentence), cluster)) for exemplar in cluster.exemplars]
    length = math.sqrt(max(1, cluster.squares))
    weighed: dict[str, tuple[float, int]] = {}
    for word in _words(pieces, table):
        buckets = name_buckets(word)
        weight = sum([cluster.terms.get(bucket, 0) for bucket in buckets]) / math.sqrt(len(buckets)) / length
        weighed[word] = (weight, min(cluster.holders.get(bucket, 0) for bucket in buckets))
    heaviest = max((weight for weight, _ in weighed.values()), default=0.0)
    chosen: list[Term] = []
    covered: set[str] = set()
    for word, (weight, posts) in sorted(weighed.items(), key=lambda item: (-item[1][0], item[0])):
        pairs = {one + other for one, other in pairwise(word)}
        if weight > _HEAVY * heaviest and posts and not pairs & covered:
            covered |= pairs
            chosen.append(Term(text=word, weight=round(weight, 3), posts=min(posts, cluster.posts)))
    return tuple(chosen[:_TERMS])


def _pieces(text: str, cluster: Cluster) -> Iterator[str]:
    """The runs of Chinese characters between punctuation and names of places."""
    get = cluster.terms.get
    for run in _HAN.findall(_DIVISION.sub(" ", text)):
        start = 0
        for place, bucket in enumerate(name_buckets(run)):
            if get(bucket | PLACE, 0) > get(bucket, 0):
                if place > start:
                    yield run[start:place]
                start = place + 2
        yield run[start:]


def _words(pieces: Sequence[set[str]], table: Bytes) -> list[str]:
    """Words that two sentences share, and pieces that are words; or else all that the pieces can be cut into."""
    every = {piece for own in pieces for piece in own}
    shared = {word for run in _repeated(pieces) for word in _cut_at_joints(run, table)}
    found = {word for word in shared | every if _is_word(word)}
    return sorted(found or {word for piece in every for word in _cut_at_joints(piece, table) if _is_word(word)})


def _cut_at_joints(run: str, table: Bytes) -> list[str]:
    """A run cut at its rarest pair of characters, the first of equals, until every part may be a word."""
    run = run.strip(_STOPS)
    if len(run) <= _WORD:
        return [run]
    idf = table[list(name_buckets(run))].tolist()
    joint = max(range(1, len(idf) - 1), key=lambda place: (idf[place], -place))
    return [*_cut_at_joints(run[: joint + 1], table), *_cut_at_joints(run[joint + 1 :], table)]


def _repeated(pieces: Sequence[set[str]]) -> set[str]:
    """What two sentences share, if nothing longer is shared by as many."""
    found: Counter[str] = Counter()
    for own in pieces:
        found.update({word for piece in own for word in _substrings(piece)})
    repeated = {word: count for word, count in found.items() if count > 1}
    inner = {
        word[start:end]
        for word, count in repeated.items()
        for start, end in ((0, len(word) - 1), (1, len(word)))
        if repeated.get(word[start:end]) == count
    }
    return repeated.keys() - inner


def _substrings(piece: str) -> Iterator[str]:
    for start in range(len(piece) - 1):
        for end in range(start + 2, min(len(piece), start + _RUN) + 1):
            yield piece[start:end]


def _is_word(text: str) -> bool:
    return 2 <= len(text) <= _WORD and text[0] not in _STOPS and text[-1] not in _STOPS
