"""Composes `crawlers` for the API and the command line: kinds, guesses, trials, sealed logins."""

from importlib.metadata import version

from alerts.blind import ENDINGS
from api.collecting import FoundItem, GuessList, OptionView, SourceKind, TrialView
from app.engines import salt_of
from core.clock import Now, utc_now
from core.errors import Refused
from core.leases import Leased
from core.records import Crawl, Source
from core.sealing import Seal
from core.settings import Settings
from crawlers.guessing import guess
from crawlers.results import Item
from crawlers.rules.language import Option, Rules
from crawlers.settings import Identity, Limits
from crawlers.trial import Fetcher, Trial, try_source
from crawlers.walks.registry import PLAIN_OPTIONS, RULES, check_source, shipped
from nlp.admission import Admission, admit
from nlp.times import parse_time

Words = dict[str, str]


def _words(hans: str, hant: str, en: str) -> Words:
    return {"zh-Hans": hans, "zh-Hant": hant, "en": en}


PLAIN = {
    "feed": (
        _words("订阅源（RSS、Atom、JSON Feed）", "訂閱源（RSS、Atom、JSON Feed）", "Feed (RSS, Atom, JSON Feed)"),
        "https://news.example/rss.xml",
        600,
    ),
    "sitemap": (_words("网站地图", "網站地圖", "Sitemap"), "https://www.example.gov.cn/sitemap.xml", 1800),
    RULES: (_words("自定规则", "自訂規則", "Rules of your own"), "https://www.example.gov.cn/zwxx/", 1800),
}
"""Kinds without a rule file: name, example, shortest interval in seconds."""
MOST_SHOWN = 50


def identity_of(settings: Settings) -> Identity:
    """Who we say we are."""
    return Identity(version=version("huiying"), contact_url=settings.contact)


class Collection:
    """`api.collecting.Collecting`."""

    def __init__(self, settings: Settings, now: Now = utc_now) -> None:
        self._settings, self._now = settings, now
        self._rules = Admission(
            jurisdiction=settings.jurisdiction,
            salt="trial",
            now=now(),
            origin="trial",
            source="trial",
            tz=settings.zone,
        )

    def kinds(self) -> list[SourceKind]:
        plain = [
            SourceKind(
                id=id_,
                name=name,
                tier=1,
                family="web",
                example=example,
                interval_s=interval,
                options=_options(PLAIN_OPTIONS.get(id_, _OWN)),
            )
            for id_, (name, example, interval) in PLAIN.items()
        ]
        return plain + [_kind(rules) for rules in sorted(shipped().values(), key=lambda r: (r.tier, r.family, r.kind))]

    def check(self, source: Source) -> None:
        check_source(source)

    async def guess(self, url: str) -> GuessList:
        fetcher = self._fetcher()
        try:
            found = await guess(url, fetcher)
        finally:
            await fetcher.close()
        return GuessList(items=found.items, ending=found.ending, detail=found.detail, said=ENDINGS[found.ending])

    async def trial(self, source: Source, cookie: str) -> TrialView:
        check_source(source)
        fetcher = self._fetcher()
        try:
            trial = await try_source(Leased(source=source, crawl=Crawl(source=source.id)), cookie, fetcher, self._now)
        finally:
            await fetcher.close()
        return self._view(trial)

    def seal(self, cookie: str) -> bytes:
        return self._seal.close(cookie)

    def unseal(self, sealed: bytes) -> str:
        return self._seal.open(sealed)

    @property
    def _seal(self) -> Seal:
        return Seal(salt_of(self._settings))

    def _fetcher(self) -> Fetcher:
        return Fetcher(identity_of(self._settings), Limits(), self._settings.allow_inward, self._now)

    def _view(self, trial: Trial) -> TrialView:
        result = trial.result
        return TrialView(
            ending=result.ending,
            said=ENDINGS[result.ending],
            detail=result.detail,
            took_s=round(trial.took_s, 2),
            pages=trial.pages,
            items=[self._found(item) for item in trial.items[:MOST_SHOWN]],
            missing=result.missing,
        )

    def _found(self, item: Item) -> FoundItem:
        """As admission would store it; what it would refuse is shown with the reason in its place."""
        written = str(_extra(item).get("at_as_written", ""))
        try:
            post = admit(item, self._rules)
        except Refused as refusal:
            return FoundItem(id=str(item.get("id", "")), title=f"[{refusal.code}] {refusal}", at_as_written=written)
        known = parse_time(written, self._now(), self._rules.tz) is not None
        return FoundItem(
            id=str(item.get("id", "")),
            title=post.title,
            text=post.text[:1000],
            url=post.url,
            at=post.at if known else None,
            at_as_written=written,
            has_author=post.author is not None,
            likes=post.likes if "likes" in item else None,
            comments=post.comments if "comments" in item else None,
            shares=post.shares if "shares" in item else None,
            reply_to=str(item["reply_to"]) if item.get("reply_to") else None,
            extra={k: v for k, v in post.extra.items() if k not in ("at_as_written", "source_name")},
        )


_OWN = {RULES: Option(name={"zh-Hans": "规则（YAML）", "zh-Hant": "規則（YAML）", "en": "Rules (YAML)"}, required=True)}


def _extra(item: Item) -> dict[str, object]:
    extra = item.get("extra")
    return extra if isinstance(extra, dict) else {}


def _kind(rules: Rules) -> SourceKind:
    return SourceKind(
        id=rules.kind,
        name=rules.name,
        tier=rules.tier,
        family=rules.family,
        example=rules.example,
        login=rules.login,
        interval_s=rules.interval_s,
        options=_options(rules.options),
    )


def _options(options: "dict[str, Option] | object") -> list[OptionView]:
    known = options if isinstance(options, dict) else {}
    return [
        OptionView(name=name, said=option.name, required=option.required, example=option.example)
        for name, option in known.items()
    ]
