"""A source that falls silent is an alert of its own: who is told, in which words, when an office goes blind somewhere."""

from datetime import datetime

import msgspec
from msgspec import Struct

from alerts.notices.events import Receivers
from core.clock import derived_id
from core.records import Crawl, Delivery, Ending, Health, Source

BLIND, SEEING = "source.blind", "source.recovered"
EVENTS = (BLIND, SEEING)
"""The events of sources that a webhook may ask for."""

Words = dict[str, str]


class SourceData(Struct, kw_only=True):
    """The source (`id`, `name`, `kind`, `jurisdiction`), its state since then, and that in three languages."""

    source: dict[str, str]
    health: Health
    ending: Ending | None
    since: datetime
    last_ok_at: datetime | None
    said: Words


class SourceEvent(Struct, kw_only=True):
    """What a webhook receives of a source."""

    type: str
    timestamp: datetime
    data: SourceData


def _words(hans: str, hant: str, en: str) -> Words:
    return {"zh-Hans": hans, "zh-Hant": hant, "en": en}


HEALTH: dict[Health, Words] = {
    Health.NEW: _words("尚未抓取", "尚未抓取", "Not visited yet"),
    Health.OK: _words("正常", "正常", "Well"),
    Health.QUIET: _words("正常，暂无新内容", "正常，暫無新內容", "Well, nothing new"),
    Health.SILENT: _words("能访问，但一条内容都没有", "能存取，但一則內容都沒有", "Answers, but brings nothing"),
    Health.FEWER: _words(
        "条数骤降（不足平时三成）", "則數驟降（不足平時三成）", "Far fewer items than usual (below 30 %)"
    ),
    Health.DRIFT: _words("页面改版，字段读不到", "頁面改版，欄位讀不到", "The page changed: fields are missing"),
    Health.LOGIN: _words(
        "登录已失效，请更新 Cookie", "登入已失效，請更新 Cookie", "The login expired: save a new cookie"
    ),
    Health.BLOCKED: _words("被对方拦截", "被對方攔截", "Blocked by the site"),
    Health.ROBOTS: _words("robots.txt 不允许", "robots.txt 不允許", "Forbidden by robots.txt"),
    Health.FAILING: _words("连续抓取失败", "連續抓取失敗", "Visits fail again and again"),
}
"""What a state means, for a person."""

ENDINGS: dict[Ending, Words] = {
    Ending.OK: _words("抓取成功", "抓取成功", "Items were found"),
    Ending.NOT_MODIFIED: _words("没有变化", "沒有變化", "Nothing has changed"),
    Ending.EMPTY: _words("页面正常，没有条目", "頁面正常，沒有條目", "A good answer without items"),
    Ending.DRIFT: _words("字段缺失或改名", "欄位缺失或改名", "Fields are missing or renamed"),
    Ending.LOGIN: _words("返回了登录页", "返回了登入頁", "A login page came instead"),
    Ending.CAPTCHA: _words("返回了验证码页", "返回了驗證碼頁", "A captcha page came instead"),
    Ending.BLOCKED: _words("访问被拒绝", "存取被拒絕", "Access was refused"),
    Ending.ASKED_TO_WAIT: _words("对方要求稍后再来", "對方要求稍後再來", "The server asked us to wait"),
    Ending.ROBOTS: _words("robots.txt 不允许", "robots.txt 不允許", "robots.txt forbids it"),
    Ending.HTTP_ERROR: _words("服务器返回错误", "伺服器返回錯誤", "The server answered with an error"),
    Ending.PARSE_ERROR: _words("内容无法解析", "內容無法解析", "The answer could not be read"),
    Ending.TOO_LARGE: _words("内容过大", "內容過大", "The answer is too large"),
    Ending.TIMEOUT: _words("超时", "逾時", "No answer in time"),
    Ending.DNS: _words("域名无法解析", "網域無法解析", "The name could not be resolved"),
    Ending.TLS: _words("证书或加密连接有误", "憑證或加密連線有誤", "The certificate or the encryption is wrong"),
    Ending.CONNECTION: _words("连接失败或中断", "連線失敗或中斷", "The connection failed or broke off"),
    Ending.INWARD_ADDRESS: _words(
        "地址指向内部网络，已拒绝", "位址指向內部網路，已拒絕", "The address leads inside: refused"
    ),
    Ending.BAD_ADDRESS: _words("地址不是网页地址", "位址不是網頁位址", "This is no web address"),
    Ending.BAD_RULES: _words("规则有误", "規則有誤", "The rules are wrong"),
    Ending.UNFINISHED: _words("未完成，将重试", "未完成，將重試", "Not finished: it will be tried again"),
}
"""How a visit ended, for a person."""


def said(crawl: Crawl) -> Words:
    """State and ending in one line per language; an ending that says no more than the state is left out."""
    state, ending = HEALTH[crawl.health], ENDINGS.get(crawl.ending) if crawl.ending else None
    if ending is None or not crawl.health.blind or ending["zh-Hans"] == state["zh-Hans"]:
        return state
    hans, hant, en = (f"{state[lang]}{mark}{ending[lang]}" for lang, mark in _MARKS)
    return _words(hans, hant, en)


_MARKS = (("zh-Hans", "："), ("zh-Hant", "："), ("en", ": "))


def changed(source: Source, before: Crawl, after: Crawl, receivers: Receivers, now: datetime) -> list[Delivery]:
    """What is sent when a source goes blind or sees again: once for each change, not for each visit."""
    if before.health.blind == after.health.blind:
        return []
    event = BLIND if after.health.blind else SEEING
    since = after.health_since or now
    id_ = derived_id(event, source.id, since.isoformat())
    hooks = [
        w
        for w in receivers.webhooks
        if w.wanted and (not w.events or event in w.events) and w.jurisdiction in (None, source.jurisdiction)
    ]
    made = [_delivery("webhook", w.id, id_, event, _payload(source, after, event, since), now) for w in hooks]
    people = [c for c in receivers.channels if c.enabled and not c.units and not c.member]
    text = msgspec.json.encode(_message(source, after, event, receivers.link)).decode()
    return made + [_delivery("person", c.id, id_, event, text, now) for c in people]


def _payload(source: Source, crawl: Crawl, event: str, since: datetime) -> str:
    data = SourceData(
        source={"id": source.id, "name": source.name, "kind": source.kind, "jurisdiction": source.jurisdiction},
        health=crawl.health,
        ending=crawl.ending,
        since=since,
        last_ok_at=crawl.last_ok_at,
        said=said(crawl),
    )
    return msgspec.json.encode(SourceEvent(type=event, timestamp=since, data=data)).decode()


def _message(source: Source, crawl: Crawl, event: str, link: str) -> Words:
    title = f"【来源失明】{source.name}" if event == BLIND else f"【来源恢复】{source.name}"
    lines = [said(crawl)["zh-Hans"], f"{link}/#/sources/{source.id}"]
    return {"title": title, "text": "\n".join(lines)}


def _delivery(kind: str, target: str, id_: str, event: str, body: str, now: datetime) -> Delivery:
    made = "msg_" + derived_id("delivery", id_, target)
    return Delivery(id=made, kind=kind, target=target, event=event, body=body, created_at=now, next_at=now)
