"""Pages that come instead of what was asked for: a login, a captcha, a refusal. Looked for only where nothing was found."""

import re
from urllib.parse import urlsplit

from core.records import Ending
from crawlers.pages.encoding import page_text
from crawlers.walks.steps import Trouble

LOOKED_AT = 60_000
"""Letters of a page that are looked at; such pages are short."""

_CAPTCHA = re.compile(
    r"验证码|驗證碼|安全验证|安全驗證|人机验证|滑动(?:完成)?验证|请完成(?:下列|以下)?验证|拖动滑块|captcha|geetest|turnstile"
    r"|hcaptcha|cf-challenge|Just a moment\.\.\.|Checking your browser",
    re.IGNORECASE,
)
_BLOCKED = re.compile(
    r"访问过于频繁|請求過於頻繁|请求过于频繁|操作过于频繁|访问(?:被|受)(?:拒绝|拦截|限制)|您的(?:IP|访问)[^<]{0,20}(?:限制|拦截|封禁)"
    r"|Access Denied|Request blocked|Too many requests|创宇盾|安全狗|云锁|Web应用防火墙|\bWAF\b|403 Forbidden|防CC",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"请先?登录|請先?登入|需要登录|登录后(?:才能|可)|尚未登录|未登录|您还没有登录|请登录后|sign in to continue|please log ?in"
    r"|<title>[^<]{0,20}(?:登录|登入|Log ?in|Sign ?in)",
    re.IGNORECASE,
)
_PASSWORD = re.compile(r"""<input[^>]+type\s*=\s*["']?password""", re.IGNORECASE)
_LOGIN_PATH = re.compile(r"passport|/login|/signin|/sso/|/visitor/", re.IGNORECASE)


def trouble_of(body: bytes, content_type: str, url: str) -> Trouble | None:
    """What the page is instead of what was wanted; None when it shows no sign of it."""
    text = page_text(body[: 4 * LOOKED_AT], content_type)[:LOOKED_AT]
    if _CAPTCHA.search(text):
        return Trouble(Ending.CAPTCHA, "The answer is a captcha page.")
    if _LOGIN.search(text) or _PASSWORD.search(text) or _LOGIN_PATH.search(urlsplit(url).path + urlsplit(url).netloc):
        return Trouble(Ending.LOGIN, "The answer is a login page.")
    if _BLOCKED.search(text):
        return Trouble(Ending.BLOCKED, "The answer is a page that refuses access.")
    return None
