"""What happens to a text between the thought and the screen: typing errors, the other script, careless punctuation."""

from random import Random

from nlp.script import to_traditional

_TYPOS = {
    "再": "在",
    "在": "再",
    "的": "得",
    "做": "作",
    "他": "它",
    "已经": "己经",
    "怎么": "咋",
    "没有": "木有",
    "什么": "啥",
    "这样": "酱",
    "知道": "造",
    "工资": "公资",
    "厉害": "利害",
    "管": "菅",
    "停水": "停氺",
}
_ENDINGS = ["", "", "。", "!!", "……", "~", " ", "。。。"]
TRADITIONAL_SHARE = 0.07
TYPO_SHARE = 0.08


def mannered(text: str, random: Random) -> str:
    """The text as some hand typed it: 8 % with a typing error, 7 % in Traditional characters."""
    if random.random() < TYPO_SHARE:
        text = mistyped(text, random)
    if random.random() < TRADITIONAL_SHARE:
        text = to_traditional(text)
    return text


def mistyped(text: str, random: Random) -> str:
    """One character or word replaced by what a hurried thumb writes; unchanged if nothing offers itself."""
    chances = [right for right in _TYPOS if right in text]
    if not chances:
        return text
    right = random.choice(chances)
    return text.replace(right, _TYPOS[right], 1)


def copied(text: str, random: Random) -> str:
    """A near-duplicate: the same words with another ending, a prefix of passing on, or nothing changed at all."""
    prefix = random.choice(["", "", "", "转：", "【转发】", "转发："])
    return f"{prefix}{text.rstrip('。！!~… ')}{random.choice(_ENDINGS)}".strip()
