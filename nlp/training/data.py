"""Labelled texts for every head, read from the research data, with what ties their labels to ours.

Nothing of the data is shipped. Texts are folded as posts are. What has the fingerprint of a development text is taken out of
the training part; a development text that some training text still nearly repeats is not measured with (`apart`).
"""

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np

from nlp.dodges import shipped_dodges
from nlp.duplicates import fingerprints, repeated
from nlp.script import fold

NEGATIVE, NEUTRAL, POSITIVE = "negative", "neutral", "positive"
SEED = 20261123
HASHTAG = re.compile(r"#([^#\n]{1,60})#")


@dataclass(frozen=True, slots=True)
class Example:
    """A folded text, its class, how much it counts, the set it is from, and of a letter or its title alone the title."""

    text: str
    label: str
    weight: float
    origin: str
    title: str = ""

    @property
    def name(self) -> str:
        """What splits go by: a letter and its title, which learn one label, have one name."""
        return self.title or self.text


Rows = Iterator[dict[str, str]]


def rows(path: Path) -> Rows:
    """The rows of a gzipped CSV."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def read(path: Path, text: str, label: str, labels: dict[str, str], weight: float = 1.0) -> list[Example]:
    """Examples of the rows whose label is among `labels` (theirs to ours)."""
    origin = path.name.removesuffix(".csv.gz")
    found = [
        Example(fold(row[text] or ""), labels[row[label]], weight, origin) for row in rows(path) if row[label] in labels
    ]
    return [example for example in found if example.text]


def split(examples: list[Example], share: float) -> tuple[list[Example], list[Example]]:
    """Training and development parts, seeded; what has a name of one fingerprint stays on one side."""
    marks = fingerprints([e.name for e in examples]).tolist()
    chance = np.random.default_rng(SEED)
    side = {mark: chance.random() < share for mark in sorted(set(marks))}
    parts: tuple[list[Example], list[Example]] = ([], [])
    for example, mark in zip(examples, marks, strict=True):
        parts[side[mark]].append(example)
    return parts


def without(examples: list[Example], dev: list[Example]) -> list[Example]:
    """The examples that no development text repeats."""
    known = set(fingerprints([e.text for e in dev]).tolist())
    marks = fingerprints([e.text for e in examples]).tolist()
    return [example for example, mark in zip(examples, marks, strict=True) if mark not in known]


EMOTIONS = {name: name for name in ("angry", "fear", "happy", "neutral", "sad", "surprise")}
MOODS = {"angry": NEGATIVE, "fear": NEGATIVE, "sad": NEGATIVE, "happy": POSITIVE, "neutral": NEUTRAL}
DOMAINS = ("城乡建设", "劳动和社会保障", "教育文体", "商贸旅游", "环境保护", "卫生计生", "交通运输")


@dataclass(frozen=True, slots=True)
class Task:
    """What a head learns from, and the development sets it is measured on, by name."""

    head: str
    classes: tuple[str, ...]
    train: list[Example]
    dev: dict[str, list[Example]]
    composed: list[Example] = field(default_factory=list)


def legible(task: Task) -> Task:
    """The task with its texts as labels read posts: through dodged spellings.

    Done after the splits, which must not change with the table of dodges: a model would be measured on what it learnt from.
    """

    def read_through(examples: list[Example]) -> list[Example]:
        return [replace(example, text=shipped_dodges().plain(example.text).text) for example in examples]

    return replace(
        task,
        train=read_through(task.train),
        dev={name: read_through(dev) for name, dev in task.dev.items()},
        composed=read_through(task.composed),
    )


def emotion(data: Path) -> Task:
    """SMP2020, usual and virus, and pandemic emotions, which have more of the rare ones."""
    folder = data / "sentiment"
    dev = {f"smp2020_{p}": read(folder / f"smp2020_{p}_dev.csv.gz", "content", "label", EMOTIONS) for p in PARTS}
    train = read(folder / "covid_seven_emotions.csv.gz", "review", "label", SEVEN)
    for part, weight in PARTS.items():
        train += read(folder / f"smp2020_{part}_train.csv.gz", "content", "label", EMOTIONS, weight)
    return Task("emotion", tuple(EMOTIONS), without(train, list(chain.from_iterable(dev.values()))), dev)


SEVEN = {
    "fear": "fear",
    "disgust": "angry",
    "sadness": "sad",
    "anger": "angry",
    "surprise": "surprise",
    "optimism": "happy",
    "gratitude": "happy",
}
PARTS = {"usual": 1.0, "virus": 2.0}
"""The parts of SMP2020 and how much they count; the smaller one speaks of an emergency, as our posts do."""


def sentiment(data: Path) -> Task:
    """Weibo with emotions mapped, comments on group events, pandemic emotions, hotel and goods reviews, a car forum."""
    folder = data / "sentiment"
    weibo = read(folder / "weibo_three_class_dev.csv.gz", "content", "manually_label", THREE, 6)
    smp = [
        e for p, w in PARTS.items() for e in read(folder / f"smp2020_{p}_train.csv.gz", "content", "label", MOODS, w)
    ]
    smp_dev = [e for p in PARTS for e in read(folder / f"smp2020_{p}_dev.csv.gz", "content", "label", MOODS)]
    reviews, reviews_dev = split(read(folder / "chnsenticorp_train.csv.gz", "text", "label", BINARY, 1.5), 0.1)
    events, events_dev = split(read(folder / "group_events_train.csv.gz", "content", "label", EVENTS, 0.7), 0.1)
    covid = read(folder / "covid_seven_emotions.csv.gz", "review", "label", COVID, 0.4)
    cars = read(folder / "car_forum_aspects.csv.gz", "content", "sentiment_value", THREE, 0.3)
    weibo_train, weibo_dev = split(weibo, 0.3)
    letters, letters_dev = split(attitudes(data), 0.15)
    dev = {"weibo_three": weibo_dev, "smp2020": smp_dev, "chnsenticorp": reviews_dev, "group_events": events_dev}
    dev["government"] = [e for e in events_dev if OFFICE.search(e.text)]
    dev["messages (weak)"] = [e for e in letters_dev if e.origin != "official"]
    train = [*smp, *reviews, *events, *covid, *cars, *weibo_train, *letters]
    return Task(
        "sentiment", (NEGATIVE, NEUTRAL, POSITIVE), without(train, list(chain.from_iterable(dev.values()))), dev
    )


def attitudes(data: Path) -> list[Example]:
    """Weak labels of attitude to a matter of government, which no set has: a complaint is negative however politely it is
    put, a question neutral, praise positive; official replies are neutral.
    """
    found: list[Example] = []
    for name in MESSAGES:
        for row in rows(data / "gov_messages" / f"{name}.csv.gz"):
            title, body = fold(row["title"] or ""), row.get("body") or row.get("query") or ""
            intent_ = next((intent for intent, cue in INTENTS.items() if cue.search(title)), "")
            if intent_ in ATTITUDES:
                found += letter(title, body, ATTITUDES[intent_], name, (0.3, 0.3))
            if row.get("reply"):
                found.append(Example(fold(row["reply"]), NEUTRAL, 0.2, "official"))
    return found


def letter(title: str, body: str, label: str, origin: str, weights: tuple[float, float]) -> list[Example]:
    """A letter as a post shows it, in one line, and its title alone, since a microblog is as short; their weights in this
    order.
    """
    whole, alone = fold(f"{title}\n{body}"), fold(title)
    found = [
        Example(whole, label, weights[0], origin, alone),
        Example(alone, label, weights[1], f"{origin}_titles", alone),
    ]
    return [example for example in found if example.text]


OFFICE = re.compile(
    "政府|官员|干部|领导|书记|[省市县区镇乡]长|公务员|当局|官方|部门|公安|[\u4e00-\u9fff]局|警|城管|法院|法官|检察|纪委|信访|"
    "派出所|居委|村委|街道办|国务院|人大|政法|执法"
)
"""Names somebody who governs: a comment on an event that does is about the government's part in it."""
MESSAGES = ("domain_labelled", "hot_issue_stream", "replies", "mayor_mailbox")
ATTITUDES = {"complaint": NEGATIVE, "help": NEGATIVE, "report": NEGATIVE, "inquiry": NEUTRAL, "praise": POSITIVE}
THREE = {"-1": NEGATIVE, "0": NEUTRAL, "1": POSITIVE}
BINARY = {"0": NEGATIVE, "1": POSITIVE}
EVENTS = {"positive": POSITIVE, "weak_negative": NEGATIVE, "anger": NEGATIVE, "anxiety": NEGATIVE}
COVID = {theirs: MOODS[ours] for theirs, ours in SEVEN.items() if ours in MOODS}


def domain(data: Path) -> Task:
    """Public messages with their seven top-level matters, and ordinary microblogs as `none`."""
    path = data / "gov_messages" / "domain_labelled.csv.gz"
    messages = [
        example
        for row in rows(path)
        if row["domain"] in DOMAINS
        for example in letter(
            row["title"], row["body"] or row["tokens"].replace(" ", ""), row["domain"], "domain", (1.0, 0.5)
        )
    ]
    train, dev = split(messages, 0.1)
    none, none_dev = split(ordinary(data, 5000), 0.1)
    measured = {"domain": [e for e in dev if e.origin == "domain"], "none": none_dev}
    return Task("domain", (*DOMAINS, "none"), [*train, *none], measured)


def ordinary(data: Path, number: int, part: str = "usual") -> list[Example]:
    """Microblogs of people's daily moods: none of the seven matters (a few are; that noise is accepted)."""
    path = data / "sentiment" / f"smp2020_{part}_train.csv.gz"
    texts = [text for row in rows(path) if (text := fold(row["content"] or ""))]
    drawn = np.random.default_rng(SEED).permutation(len(texts))[:number]
    return [Example(texts[index], "none", 0.6, "ordinary") for index in drawn.tolist()]


INTENTS = {
    "praise": re.compile("表扬|点赞|感谢信|致谢|锦旗|为.{2,12}点赞|感谢.{2,20}(?:工作|帮助|医生|民警|师傅)"),
    "report": re.compile("举报|检举|违法|违规|非法|无证|传销|诈骗|骗局|偷税|受贿|贪污|作假|造假"),
    "suggestion": re.compile("建议|希望能?(?:增设|增加|设置|开通|加装|完善)|提议|何不|能否考虑"),
    "inquiry": re.compile("咨询|请问|何时|什么时候|是否|怎么办理|如何办理|多久|吗[?？]?$|政策.{0,6}(?:是什么|吗)"),
    "help": re.compile("求助|求救|救救|帮帮|恳请|请求.{0,8}(?:帮助|解决)|无家可归|走投无路|拖欠.{0,6}工资"),
    "complaint": re.compile(
        "投诉|扰民|噪音|乱收费|不作为|太差|恶劣|强制|捆绑|污染|没人管|严重影响|坑|拖延|停水|停电|烂尾"
    ),
}
"""Cues in a message's title, in the order in which they decide: what the writer asks for before what he is angry about."""


def intent(data: Path) -> Task:
    """Weak labels: nobody has labelled intents. The cue in the title gives the class; the model learns from the body too."""
    found: list[Example] = []
    for name in MESSAGES:
        for row in rows(data / "gov_messages" / f"{name}.csv.gz"):
            title, body = fold(row["title"] or ""), row.get("body") or row.get("query") or ""
            label = next((intent for intent, cue in INTENTS.items() if cue.search(title)), None)
            if label is not None:
                found += letter(title, body, label, name, (1.0, 0.5))
    # The grateful posts are of a pandemic: other posts of it keep its words from meaning praise.
    emergency = [e for e in ordinary(data, 1000, "virus") if not PRAISED.search(e.text)]
    none, none_dev = split([*ordinary(data, 4000), *emergency], 0.1)
    train, dev = split([*found, *thanks(data)], 0.1)
    return Task("intent", (*INTENTS, "none"), [*train, *none], {"intent (weak)": dev, "none": none_dev})


def thanks(data: Path) -> list[Example]:
    """Posts labelled as grateful or happy that thank or praise somebody in public service; messages hardly ever do."""
    folder = data / "sentiment"
    grateful = read(folder / "covid_seven_emotions.csv.gz", "review", "label", {"gratitude": "praise"})
    happy = read(folder / "smp2020_virus_train.csv.gz", "content", "label", {"happy": "praise"})
    return [example for example in [*grateful, *happy] if PRAISED.search(example.text)]


PRAISED = re.compile(
    "(?:感谢|谢谢|致敬|点赞|表扬|辛苦).{0,12}(?:医|护|警|消防|战士|军|政府|社区|街道|干部|工作人员|志愿者|师傅|老师|环卫|城管)"
)


def offensive(data: Path) -> Task:
    """COLD and ToxiCN."""
    folder = data / "toxicity"
    labels = {"1": "offensive", "0": "clean"}
    dev = read(folder / "cold_dev.csv.gz", "TEXT", "label", labels)
    cold = read(folder / "cold_train.csv.gz", "TEXT", "label", labels)
    toxic = read(folder / "toxicn.csv.gz", "content", "toxic", labels, 0.5)
    calm = [Example(e.text, "clean", 0.5, e.origin) for e in ordinary(data, 4000)]
    return Task("offensive", ("offensive", "clean"), without([*cold, *toxic, *calm], dev), {"cold": dev})


def english(data: Path) -> Task:
    """Sentiment of tweets: no set has more."""
    classes = (NEGATIVE, NEUTRAL, POSITIVE)
    labels = {name: name for name in classes}
    folder = data / "english"
    dev = read(folder / "tweet_sentiment_val.csv.gz", "text", "label", labels)
    train = without(read(folder / "tweet_sentiment_train.csv.gz", "text", "label", labels), dev)
    return apart(Task("sentiment", classes, train, {"tweets": dev}))


def tasks(data: Path) -> list[Task]:
    """All of them, each measured apart from what it learns from."""
    return [apart(make(data)) for make in (sentiment, emotion, domain, intent, offensive)]


def apart(task: Task) -> Task:
    """The task without those development texts that one of its training texts nearly repeats."""
    learnt = np.unique(fingerprints([e.text for e in task.train]))

    def kept(dev: list[Example]) -> list[Example]:
        near = repeated(fingerprints([e.text for e in dev]), learnt)
        return [example for example, seen in zip(dev, near.tolist(), strict=True) if not seen]

    return replace(task, dev={name: kept(dev) for name, dev in task.dev.items()})
