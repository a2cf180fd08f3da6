"""Two days of an imagined district, made from the material with a seed: the same seed gives the same posts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from msgspec import Struct

from app.sample.manner import copied, mannered
from app.sample.material import Happening, Material, Phase, Slots, Voice, load_material
from core.records import JURISDICTION_SAMPLE

BEGIN = datetime.fromisoformat("2026-06-01T00:00:00+08:00")
HOURS = 45.5
EVERYDAY_POSTS = 1030

_BY_HOUR = (6, 4, 2, 1, 1, 2, 5, 10, 12, 11, 11, 12, 14, 12, 10, 10, 11, 13, 15, 17, 18, 18, 15, 10)
"""How much is written in each hour of the day, relative."""

_COPY_SHARE = {"wechat": 0.5, "repost": 0.35, "weibo": 0.06, "short_video": 0.04}
_PLATFORM = {"repost": "weibo", "comment": "short_video", "letter": "message_board", "official": "news"}
_SOURCE = {
    "weibo": "云湾微博",
    "short_video": "云湾短视频",
    "forum": "鹭洲论坛",
    "message_board": "云湾留言板",
    "news": "临州新闻网",
    "official": "云湾发布",
    "wechat": "业主群转发",
}
_TITLES = {
    "forum": "{fact}，{feel}",
    "letter": "关于{where}：{fact}",
    "news": "{headline}",
    "official": "{headline}",
}
_REACH = {"weibo": 12, "short_video": 25, "forum": 6, "message_board": 1, "news": 40, "wechat": 3}
_FIRST = "海云风小阿老晴橘木星南夜糖青北大"
_SECOND = (
    "边的猫",
    "上的鱼",
    "吹过",
    "桥下",
    "汤圆",
    "土豆",
    "不加班",
    "爱吃面",
    "在路上",
    "同学",
    "师傅",
    "妈妈",
    "散步去",
)


class Told(Struct):
    """A post before it gets its number: when (hours since the beginning), in which register, what."""

    hour: float
    kind: str
    text: str
    title: str = ""
    heat: float = 1.0


def generate(seed: int, begin: datetime = BEGIN) -> list[dict[str, object]]:
    """All posts in time order from `begin` on, in the format of `huiying import` and the push API."""
    random = Random(seed)  # noqa: S311 - a story, not a secret
    teller = _Teller(load_material(), random)
    told = sorted([*teller.happenings(), *teller.everyday()], key=lambda post: post.hour)
    told[-1].hour = HOURS
    return [_post(number, post, begin, random) for number, post in enumerate(told, 1)]


class _Teller:
    def __init__(self, material: Material, random: Random) -> None:
        self._material = material
        self._random = random
        self._voice = Voice(random)

    def happenings(self) -> Iterator[Told]:
        for happening in self._material.happenings:
            for phase in happening.phases:
                for kind, count in phase.posts.items():
                    yield from self._phase(happening, phase, kind, count)

    def _phase(self, happening: Happening, phase: Phase, kind: str, count: int) -> Iterator[Told]:
        slots = self._slots(happening, phase)
        templates = happening.platforms.get(kind) or self._material.registers.platforms[kind]
        span = phase.until - phase.since
        hours = sorted(phase.since + span * self._random.betavariate(*phase.beta) for _ in range(count))
        said: list[str] = []
        for hour in hours:
            title, text = self._say(kind, templates, slots)
            text = self._again(said, kind) or text
            said.append(text)
            yield Told(hour, kind, self._typed(text, kind), title, heat=3.0)

    def _again(self, said: list[str], kind: str) -> str | None:
        if said and self._random.random() < _COPY_SHARE.get(kind, 0.0):
            return copied(self._random.choice(said[-12:]), self._random)
        return None

    def _say(self, kind: str, templates: list[str], slots: tuple[Slots, ...]) -> tuple[str, str]:
        told = self._voice.fill(f"{_TITLES.get(kind, '')}\n{self._voice.pick(templates)}", *slots)
        title, _, text = told.rpartition("\n")
        return title, text

    def _typed(self, text: str, kind: str) -> str:
        return text if kind in ("news", "official") else mannered(text, self._random)

    def _slots(self, happening: Happening, phase: Phase) -> tuple[Slots, ...]:
        own: dict[str, list[str]] = {"tag": [happening.tag], "where": happening.where}
        now = {"fact": phase.fact, "headline": phase.headline, "bulletin": phase.bulletin}
        told = {name: options for name, options in now.items() if options}
        return (own, told, happening.shared, self._material.registers.shared)

    def everyday(self) -> Iterator[Told]:
        """Noise by the hour of the day; adverts repeat themselves nearly word for word."""
        everyday = self._material.everyday
        weights = [topic.weight for topic in everyday.topics]
        adverts: dict[str, str] = {}
        for hour in self._everyday_hours():
            topic = self._random.choices(everyday.topics, weights)[0]
            kind = self._random.choice(topic.platforms)
            template = self._voice.pick(topic.texts)
            text = self._voice.fill(template, everyday.shared)
            if topic.repeats:
                text = copied(adverts.setdefault(template, text), self._random)
            yield Told(hour, kind, self._typed(text, kind))

    def _everyday_hours(self) -> list[float]:
        whole = range(int(HOURS) + 1)
        chosen = self._random.choices(whole, [_BY_HOUR[hour % 24] for hour in whole], k=EVERYDAY_POSTS)
        hours = (hour + self._random.random() for hour in chosen)
        return [hour for hour in hours if hour <= HOURS]


def _post(number: int, told: Told, begin: datetime, random: Random) -> dict[str, object]:
    platform = _PLATFORM.get(told.kind, told.kind)
    source = _SOURCE["official"] if told.kind == "official" else _SOURCE[platform]
    reach = _REACH[platform] * told.heat
    post: dict[str, object] = {
        "id": f"sample-{number:05d}",
        "source": source,
        "platform": platform,
        "at": (begin + timedelta(seconds=round(told.hour * 3600))).isoformat(),
        "author": source if platform == "news" else _author(random),
        "text": told.text,
        "likes": _figure(reach, random),
        "comments": _figure(reach / 3, random),
        "shares": _figure(reach / 5, random),
        "jurisdiction": JURISDICTION_SAMPLE,
    }
    if told.title:
        post["title"] = told.title
    if platform in ("news", "forum"):
        post["url"] = f"https://sample.invalid/{platform}/{number}"
    return post


def _author(random: Random) -> str:
    number = f"{random.randrange(10000):04d}" if random.random() < 0.5 else ""
    return f"{random.choice(_FIRST)}{random.choice(_SECOND)}{number}"


def _figure(reach: float, random: Random) -> int:
    """Reactions have a heavy tail: most posts get none, a few get very many."""
    return int(reach * (random.paretovariate(1.1) - 1) * 0.4)
