"""How official names of administrative divisions are shortened in speech, and how their codes nest.

Codes: 2 digits a province, 4 a city, 6 an area (district, county), 9 a street or town, 12 a community.
"""

import re

LEVELS = (2, 4, 6, 9, 12)
PROVINCE, CITY, AREA, STREET, COMMUNITY = LEVELS

_PEOPLE = (
    "(?:蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|"
    "土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各)族"
)
_AUTONOMOUS = re.compile(
    rf"(?:{_PEOPLE}|维吾尔|(?<!内)蒙古|哈萨克|柯尔克孜|回|藏)*(?:自治[区州县旗]|民族[乡镇])$|(?:{_PEOPLE})+[乡镇]$"
)
_SUFFIX = {
    PROVINCE: re.compile(r"[省市]$"),
    CITY: re.compile(r"(?:地区|[市盟])$"),
    AREA: re.compile(r"(?:新区|林区|特区|[区县市旗])$"),
    STREET: re.compile(r"(?:街道办事处|地区办事处|办事处|街道|地区|苏木|[镇乡])$"),
}
_ZONE = re.compile(r"(?:开发|示范|管理|工业园?|产业园?|保税|试验|风景|名胜|高新|农场|林场|牧场|园|功能|旅游|度假)区?$")
_ROAD = re.compile(r"(?:[路道巷]|[大老新]街|胡同)$")
_COMMITTEE = re.compile(r"(?:居民委员会|居委会|(?<=村)(?:村民委员会|村委会|民委员会|委会))$")


def short_form(code: str, name: str) -> str | None:
    """The name as people say it (`杭州` for 杭州市, `恩施` for 恩施土家族苗族自治州), None where there is none.

    A rest of one character is not a name, nor is a development zone or a road without its suffix one.
    """
    suffix = _SUFFIX.get(len(code))
    if suffix is None:
        return None
    short = _AUTONOMOUS.sub("", name)
    if short == name:
        short = suffix.sub("", name)
    if short == name or len(short) < 2 or _ZONE.search(name[:-1]) or _ROAD.search(short):
        return None
    return short


def community_aliases(name: str) -> tuple[str, ...]:
    """Shorter forms of a community's official name: `多福巷社区` for 多福巷社区居委会, `王家村` for 王家村村委会."""
    rest = _COMMITTEE.sub("", name)
    return () if rest == name or len(rest) < 3 else (rest,)


def is_inside(code: str, parent: str) -> bool:
    """Whether `code` is a part of `parent`, at any depth, and not `parent` itself."""
    return len(code) > len(parent) and code.startswith(parent)
