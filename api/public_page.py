"""The public page: plain HTML without scripts, for phones, terminals in halls, and screens."""

from html import escape

from api.publishing import PublicView

WORDS = {
    "zh-Hans": {
        "title": "回应公开", "answers": "已回应", "questions": "常见问题", "figures": "时限履行",
        "kept": "近 {days} 天按时 {kept} / {decided} 项", "hours": "回应中位用时 {hours} 小时",
        "asked": "反映", "answered": "答复", "none": "目前没有公开的内容。", "updated": "更新于 {day}",
    },
    "zh-Hant": {
        "title": "回應公開", "answers": "已回應", "questions": "常見問題", "figures": "時限履行",
        "kept": "近 {days} 天按時 {kept} / {decided} 項", "hours": "回應中位用時 {hours} 小時",
        "asked": "反映", "answered": "答覆", "none": "目前沒有公開的內容。", "updated": "更新於 {day}",
    },
    "en": {
        "title": "Answers", "answers": "Answered", "questions": "Common questions", "figures": "Deadlines kept",
        "kept": "{kept} of {decided} kept in {days} days", "hours": "median {hours} hours to an answer",
        "asked": "asked", "answered": "answered", "none": "Nothing is published at present.", "updated": "Updated {day}",
    },
}  # fmt: skip
REFRESH = '<meta http-equiv="refresh" content="300">'
"""Of screens in halls alone: nobody reads on there, and a reader would lose his place (WCAG 2.2.1)."""
LANGUAGES = {"zh-Hans": "简体", "zh-Hant": "繁體", "en": "English"}


def page(view: PublicView, lang: str, *, large: bool) -> str:
    """The page in a language; `large` for a screen that is read from afar."""
    words = WORDS[lang]
    parts = [_figures(view, words), _questions(view, words), _answers(view, words)]
    body = "".join(parts) or f'<p class="none">{words["none"]}</p>'
    title = escape(f"{view.office} {words['title']}".strip())
    updated = words["updated"].format(day=view.updated) if view.updated else ""
    more = "&amp;large=1" if large else ""
    links = " ".join(
        f"<strong>{name}</strong>" if code == lang else f'<a lang="{code}" href="/public?lang={code}{more}">{name}</a>'
        for code, name in LANGUAGES.items()
    )
    return (
        f'<!doctype html><html lang="{lang}"{" class=large" if large else ""}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{REFRESH if large else ''}"
        f'<title>{title}</title><link rel="icon" href="/favicon.svg"><link rel="stylesheet" href="/public.css"></head>'
        f"<body><header><h1>{title}</h1><p>{updated}</p><nav>{links}</nav></header><main>{body}</main></body></html>"
    )


def _figures(view: PublicView, words: dict[str, str]) -> str:
    if view.figures is None or not view.figures.decided:
        return ""
    f = view.figures
    share = round(100 * f.kept / f.decided)
    hours = "" if f.answer_hours is None else f"<p>{words['hours'].format(hours=f'{f.answer_hours:g}')}</p>"
    kept = words["kept"].format(days=f.days, kept=f.kept, decided=f.decided)
    return f'<section class="figures"><h2>{words["figures"]}</h2><p class="figure">{share}%</p><p>{kept}</p>{hours}</section>'


def _questions(view: PublicView, words: dict[str, str]) -> str:
    items = "".join(
        f"<article><h3>{escape(q.title)}</h3>{_text(q.text)}<footer>{escape(q.unit)}</footer></article>"
        for q in view.questions
    )
    return f"<section><h2>{words['questions']}</h2>{items}</section>" if items else ""


def _answers(view: PublicView, words: dict[str, str]) -> str:
    items = "".join(
        f"<article><h3>{escape(a.title)}</h3>{_text(a.text)}<footer>"
        + " · ".join(
            part
            for part in (
                escape(a.unit),
                f"{words['asked']} {a.asked_on}" if a.asked_on else "",
                f"{words['answered']} {a.answered_on}",
            )
            if part
        )
        + "</footer></article>"
        for a in view.answers
    )
    return f"<section><h2>{words['answers']}</h2>{items}</section>" if items else ""


def _text(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
