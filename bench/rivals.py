"""What a Python user would reach for to label Chinese posts: the rivals of `bench.labels`."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from cnsenti import Emotion, Sentiment
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.svm import LinearSVC
from snownlp import SnowNLP

from nlp.training.data import NEGATIVE, NEUTRAL, POSITIVE, SEED, Example, split

Answer = Callable[[Sequence[str]], list[str]]
"""Texts in, a label for each out."""

_FEELINGS = {"好": "happy", "乐": "happy", "哀": "sad", "怒": "angry", "惧": "fear", "恶": "angry", "惊": "surprise"}


def majority(train: Sequence[Example]) -> Answer:
    """The commonest label of the training part, always."""
    label = Counter(example.label for example in train).most_common(1)[0][0]
    return lambda texts: [label] * len(texts)


def snownlp(classes: Sequence[str]) -> Answer:
    """SnowNLP's figure; between 0.4 and 0.6 is neutral where the set has that class."""
    low, high = (0.4, 0.6) if NEUTRAL in classes else (0.5, 0.5)

    def answer(texts: Sequence[str]) -> list[str]:
        figures = [SnowNLP(text or "。").sentiments for text in texts]
        return [POSITIVE if f >= high else NEGATIVE if f < low else NEUTRAL for f in figures]

    return answer


def lexicon(head: str, classes: Sequence[str]) -> Answer:
    """cnsenti's word lists: HowNet for sentiment, the emotion ontology of Dalian University of Technology for emotion."""
    counter = Sentiment() if head == "sentiment" else Emotion()
    tie = NEUTRAL if NEUTRAL in classes else classes[0]

    def sentiment(text: str) -> str:
        found = counter.sentiment_count(text)
        return tie if found["pos"] == found["neg"] else POSITIVE if found["pos"] > found["neg"] else NEGATIVE

    def emotion(text: str) -> str:
        found = counter.emotion_count(text)
        sums: Counter[str] = Counter()
        for theirs, ours in _FEELINGS.items():
            sums[ours] += found[theirs]
        best, number = sums.most_common(1)[0]
        return best if number else tie

    one = sentiment if head == "sentiment" else emotion
    return lambda texts: [one(text) for text in texts]


def tuned_svm(train: Sequence[Example]) -> Answer:
    """A linear SVM over character 1- to 3-grams made for this one set, its strength chosen on a tenth of it."""
    most, held = split(list(train), 0.1)
    words = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    features: NDArray[np.float64] = words.fit_transform([e.text for e in train])
    inner, outer = words.transform([e.text for e in most]), words.transform([e.text for e in held])

    def quality(strength: float) -> float:
        made = _svm(strength).fit(inner, [e.label for e in most])
        return float(f1_score([e.label for e in held], made.predict(outer), average="macro"))

    best = max((0.1, 0.3, 1.0), key=quality)
    made = _svm(best).fit(features, [e.label for e in train])
    return lambda texts: list(made.predict(words.transform(texts)))


def _svm(strength: float) -> LinearSVC:
    return LinearSVC(C=strength, class_weight="balanced", random_state=SEED)
