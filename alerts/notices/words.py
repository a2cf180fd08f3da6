"""What a message says: what, where, how hot, why, which clock, and one link to act; in the length that a channel has."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from core.records import Case, CaseState, Clock, Notice

ZONE = ZoneInfo("Asia/Shanghai")
TITLES = {
    "case.opened": "新事件",
    "case.level_raised": "级别上调",
    "case.level_lowered": "级别下调",
    "case.level": "级别改定",
    "case.assigned": "交办",
    "case.reopened": "重新开启",
    "case.escalated": "无人确认",
    "case.answered": "已回应",
    "case.closed": "已办结",
    "case.merged": "已并入",
    "case.dismissed": "无需回应",
    "case.transferred": "转办",
    "case.returned": "退回",
    "case.supervised": "督办",
    "case.flared_up": "再次升温",
    "case.recovered": "恢复平静",
    "task.given": "协办任务",
    "task.overdue": "任务超时",
    "clock.warning": "时限临近",
    "clock.breached": "已超时限",
    "duty.nobody": "无人值班",
    "webhook.disabled": "推送已停用",
    "fact.expiring": "事实卡将到期",
}
"""The events that people are told, and how a message begins."""

RESOLVING = frozenset({"case.closed", "case.dismissed", "case.merged"})
"""Events after which nothing is asked of anybody: the all-clear."""

WHY = {
    "rule.posts": "{value:.0f} 条不同内容",
    "rule.authors": "{value:.0f} 位作者",
    "rule.burst": "突增 {value}",
    "rule.negative": "负面占比 {value:.0%}",
    "rule.risks": "风险“{word}”",
    "rule.words": "提到“{word}”",
    "rule.places": "涉及{place}",
}
"""Reasons as people read them; the page has them all."""

LAST = datetime.max.replace(tzinfo=ZONE)
LEVELS = {1: "一级", 2: "二级", 3: "三级", 4: "四级"}
MOST_LISTED = 12
"""Cases listed in one message; the page has the rest."""
OPEN = (CaseState.EMERGING, CaseState.CONFIRMED, CaseState.HANDLING)


def title_of(event: str, case: Case) -> str:
    """The first line of a message about one case."""
    return f"【{TITLES[event]}·{LEVELS.get(case.level, case.level)}】{case.title}"


def about(case: Case, why: str = "") -> list[str]:
    """Lines about one case: heat and rule, reasons and units, clocks; while nothing is asked any more, no clocks."""
    said = [f"说明：{why}"] if why else []
    return [*said, f"热度 {case.heat:.0f}，规则 {case.rule}", *_why(case), *_limits(case.clocks)]


def listed(found: Sequence[tuple[Notice, Case]], total: int) -> list[str]:
    """A line for each of several cases, gravest first, and how many more there are."""
    ordered = sorted(found, key=lambda pair: (pair[1].level, -pair[1].heat))[:MOST_LISTED]
    lines = [
        f"{n}. {title_of(notice.event, case)}（热度 {case.heat:.0f}）" for n, (notice, case) in enumerate(ordered, 1)
    ]
    return lines if total <= len(ordered) else [*lines, f"……另有 {total - len(ordered)} 件"]


def shortened(title: str, lines: Sequence[str], keep: Sequence[str], most: int) -> str:
    """A message within `most` bytes of UTF-8: the title and what is to be kept (links) stay, lines go from the end.

    A title that alone is too long is cut; nothing is cut inside a character.
    """
    tail = [line for line in keep if line]
    for count in range(len(lines), -1, -1):
        body = [title, *lines[:count], *(["……"] if count < len(lines) else []), *tail]
        if len("\n".join(body).encode()) <= most:
            return "\n".join(body)
    room = most - len("\n".join(["", "……", *tail]).encode())
    return "\n".join([title.encode()[: max(room, 0)].decode(errors="ignore") + "……", *tail])


def message_of(event: str, case: Case, url: str, why: str = "") -> dict[str, str]:
    """The message for people about one case."""
    return {"title": title_of(event, case), "text": "\n".join([*about(case, why), url])}


def _why(case: Case) -> list[str]:
    """The reasons of the rule in one line, and the units; a reason that has no wording is left to the page."""
    said = [worded for r in case.reasons if (worded := _worded(r.code, r.facts))]
    units = [str(r.facts["unit"]) for r in case.reasons if r.code.startswith("route.") and "unit" in r.facts]
    named = [f"原因：{'，'.join(said)}"] if said else []
    return [*named, f"责任与配合单位：{'、'.join(units)}"] if units else named


def _worded(code: str, facts: Mapping[str, object]) -> str:
    try:
        return WHY[code].format(**facts)
    except (KeyError, ValueError, TypeError):
        return ""  # a reason whose facts are others now: the page has it


def _limits(running: Sequence[Clock]) -> list[str]:
    """A line for each clock that is not met, the nearest first."""
    open_ = [c for c in running if c.stopped_at is None]
    return [f"{c.name}：{_until(c)}" for c in sorted(open_, key=lambda c: c.due_at or LAST)]


def _until(clock: Clock) -> str:
    if clock.due_at is None:
        return "工作日历尚未公布，无法计算"
    if any(pause.until is None for pause in clock.pauses):
        return "已暂停"
    end = f"{clock.due_at.astimezone(ZONE):%m月%d日 %H:%M} 前"
    return f"{end}（已超时）" if clock.breached else end
