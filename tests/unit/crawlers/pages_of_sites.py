# ruff: noqa: E501  # markup stands as sites write it
"""Forty pages that we wrote after the markup of real software: what a reader wants of each, and what stands around it."""

from itertools import product

from msgspec import Struct


class SitePage(Struct, frozen=True, kw_only=True):
    """A page, the lines of its main text, and words that are around it."""

    name: str
    html: str
    title: str
    text: tuple[str, ...]
    not_in: tuple[str, ...]
    at: str
    encoding: str = "utf-8"
    content_type: str = "text/html"


WATER = (
    "因供水管网改造，东门片区将于11月28日8时至20时停水，请居民提前储水。",
    "改造期间，区水务集团在东门街道办事处门前设有临时取水点，供行动不便的老人使用。",
    "咨询可到街道便民服务中心，或拨打区水务集团服务电话。给您带来的不便，敬请谅解。",
)
LIGHT = (
    "近日，有居民反映东门路一段路灯三天没有亮，晚上出行很不安全。",
    "区城市管理局接到反映后，当晚派人到现场查看，发现是电缆接头进水造成短路。",
    "截至昨晚九时，二十六盏路灯已全部恢复照明，下一步将对全区同类接头逐一检查。",
)
FLOOD = (
    "受强降雨影响，滨江路与青年路交叉口昨晚出现积水，最深处约三十厘米。",
    "排水部门调集六台水泵连夜抽排，今晨五时积水基本退去，道路恢复通行。",
    "区防汛办提醒，未来两天仍有阵雨，请市民注意收听预报，避开低洼路段。",
)
STORIES = (
    ("关于东门片区临时停水的通知", WATER),
    ("东门路二十六盏路灯恢复照明", LIGHT),
    ("滨江路积水已经退去 排水部门连夜抽排", FLOOD),
)
AROUND = ("网站地图", "上一篇", "下一篇", "相关阅读", "版权所有", "分享到", "热门推荐", "首页")
NAV = (
    '<div class="header"><div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开</a></li>'
    '<li><a href="/hdjl/">互动交流</a></li><li><a href="/map/">网站地图</a></li></ul></div></div>'
)
FOOT = (
    '<div class="footer"><p>版权所有：云湾区人民政府 主办单位：云湾区人民政府办公室 备案号：某ICP备00000000号，未经允许不得转载。</p>'
    '<p><a href="/about">关于我们</a> <a href="/map">网站地图</a></p></div>'
)
RELATED = (
    '<div class="related"><h3>相关阅读</h3><ul><li><a href="/1">关于开展冬季安全检查的通知，各街道办事处要高度重视</a></li>'
    '<li><a href="/2">区政府召开第十二次常务会议，研究部署年末重点工作</a></li></ul></div>'
)
HOT = (
    '<div class="sidebar"><h3>热门推荐</h3><ul><li><a href="/3">一图读懂今年的民生实事项目，一起来看看有没有你关心的</a></li>'
    '<li><a href="/4">好消息！这几条公交线路有调整，快看看经过你家门口吗</a></li></ul></div>'
)
TURN = '<div class="pager"><a href="/0">上一篇：关于公布办事时间的公告</a><a href="/9">下一篇：关于征求意见的公告</a></div>'
SHARE = '<div class="share">分享到：<a href="#">微信</a><a href="#">微博</a></div>'


def paragraphs(lines: tuple[str, ...], tag: str = "p") -> str:
    """Each line in an element of its own."""
    return "".join(f"<{tag}>{line}</{tag}>" for line in lines)


def broken(lines: tuple[str, ...]) -> str:
    """As old editors do: no paragraphs, only breaks and hard blanks."""
    return "<br/><br/>".join(f"&nbsp;&nbsp;&nbsp;&nbsp;{line}" for line in lines)


def spans(lines: tuple[str, ...]) -> str:
    """As pasted from a word processor."""
    return "".join(
        f'<p style="text-indent:2em"><span style="font-family:仿宋"><span lang="EN-US"></span>{line}</span></p>'
        for line in lines
    )


def whole(head: str, body: str) -> str:
    """A page."""
    return f'<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html">{head}</head><body>{body}</body></html>'


def trs(title: str, lines: tuple[str, ...]) -> tuple[str, str, str]:
    head = (
        f'<title>{title}_云湾区人民政府</title><meta name="ArticleTitle" content="{title}">'
        '<meta name="PubDate" content="2026-11-20 10:11"><meta name="ContentSource" content="区政府办公室">'
    )
    body = (
        f'{NAV}<div class="crumb">当前位置：<a href="/">首页</a>&gt;通知公告</div><div class="con"><h1>{title}</h1>'
        f'<div class="info">发布时间：2026-11-20 10:11 来源：区政府办公室 字号：[大 中 小]</div><div class="TRS_Editor">{spans(lines)}</div>'
        f"{SHARE}{TURN}</div>{RELATED}{FOOT}"
    )
    return head, body, "2026-11-20 10:11"


def hanweb(title: str, lines: tuple[str, ...]) -> tuple[str, str, str]:
    head = f'<title>{title}</title><meta name="pubdate" content="2026-11-20 09:00:00">'
    body = (
        f'{NAV}<table class="main"><tr><td class="title">{title}</td></tr><tr><td>日期：2026-11-20 浏览次数：12</td></tr>'
        f'<tr><td id="zoom">{paragraphs(lines)}</td></tr></table>{TURN}{FOOT}'
    )
    return head, body, "2026-11-20 09:00:00"


def vsb(title: str, lines: tuple[str, ...]) -> tuple[str, str, str]:
    head = f"<title>{title}-云湾区教育局</title>"
    body = (
        f'{NAV}<form name="_newscontent_fromname"><div class="content-title"><h1>{title}</h1><i>时间：2026年11月20日 点击数：9</i></div></form>'
        f'<div id="vsb_content"><div class="v_news_content">{paragraphs(lines)}</div></div>{TURN}{RELATED}{FOOT}'
    )
    return head, body, "2026年11月20日"


def gov_cn(title: str, lines: tuple[str, ...]) -> tuple[str, str, str]:
    head = f'<title>{title}_滚动新闻_云湾网</title><meta property="article:published_time" content="2026-11-20T10:11:12+08:00">'
    body = f'{NAV}<div class="article"><h1>{title}</h1><div class="pages_content" id="UCAP-CONTENT">{spans(lines)}</div></div>{HOT}{FOOT}'
    return head, body, "2026-11-20T10:11:12+08:00"


def wordpress(title: str, lines: tuple[str, ...]) -> tuple[str, str, str]:
    head = f'<title>{title} – 云湾观察</title><meta name="generator" content="WordPress 6.1.9">'
    body = (
        f'<header class="site-header"><nav><a href="/">首页</a></nav></header><article class="post"><h1 class="entry-title">{title}</h1>'
        f'<time class="entry-date" datetime="2026-11-20T10:11:12+08:00">昨天</time><div class="entry-content">{paragraphs(lines)}</div></article>'
        f'<section class="comments"><h2>2 条评论</h2><p>热心市民：我家门口也是这样，已经好几天了，希望早点解决。</p></section>{HOT}'
        f'<footer class="site-footer"><p>版权所有 云湾观察</p></footer>'
    )
    return head, body, "2026-11-20T10:11:12+08:00"


def wechat(title: str, lines: tuple[str, ...]) -> tuple[str, str, str]:
    head = f'<title></title><meta property="og:title" content="{title}">'
    body = (
        f'<div id="img-content"><h1 id="activity-name">{title}</h1><div id="meta_content"><a id="js_name">云湾发布</a></div>'
        f'<div id="js_content"><section>{spans(lines)}</section><p><img data-src="https://m.example/1.png"></p></div></div>'
        f'<script>var ct="1795400000";var x="<p>版权所有</p>";</script><div class="qr_code">分享到</div>'
    )
    return head, body, "1795400000"


def people(title: str, lines: tuple[str, ...]) -> tuple[str, str, str]:
    head = f"<title>{title}--云湾频道--人民网</title>"
    body = (
        f'{NAV}<div class="layout rm_txt"><h1>{title}</h1><div class="channel">2026年11月20日10:11 | 来源：<a href="#">云湾日报</a></div>'
        f'<div class="rm_txt_con cf">{paragraphs(lines)}<div class="edit cf">(责任编辑：某某)</div></div>{SHARE}{RELATED}</div>{FOOT}'
    )
    return head, body, "2026年11月20日10:11"


def old_table(title: str, lines: tuple[str, ...]) -> tuple[str, str, str]:
    head = f"<title>{title}</title>"
    body = (
        f'<table width="980"><tr><td><a href="/">首页</a> | <a href="/map">网站地图</a></td></tr></table>'
        f'<table width="980"><tr><td width="200" class="left"><a href="/1">机构设置</a><br><a href="/2">办事指南</a><br><a href="/3">下载中心</a></td>'
        f'<td><table><tr><td align="center"><font size="5">{title}</font></td></tr><tr><td>发布日期：2026-11-20 阅读：33</td></tr>'
        f"<tr><td>{broken(lines)}</td></tr></table></td></tr></table><table><tr><td>版权所有：云湾区某局</td></tr></table>"
    )
    return head, body, "2026-11-20"


def modern(title: str, lines: tuple[str, ...]) -> tuple[str, str, str]:
    head = f'<title>{title} | 云湾新闻客户端</title><meta itemprop="datePublished" content="2026-11-20T10:11:12Z">'
    body = (
        f'<nav><a href="/">首页</a></nav><main><article><h1>{title}</h1><div class="meta">记者 某某</div><div itemprop="articleBody">{paragraphs(lines)}</div>'
        f"</article><aside>{HOT}</aside></main><footer>版权所有</footer>"
    )
    return head, body, "2026-11-20T10:11:12Z"


def bare_divs(title: str, lines: tuple[str, ...]) -> tuple[str, str, str]:
    head = f"<title>{title}_云湾热线</title>"
    body = (
        f'{NAV}<div class="w1000"><div class="l"><h1>{title}</h1><div class="sub">2026-11-20 10:11:12 云湾热线</div><div class="nr">{paragraphs(lines, "div")}'
        f'<div class="copyright">版权所有，转载请注明出处。</div></div>{TURN}{SHARE}</div><div class="r">{HOT}</div></div>{FOOT}'
    )
    return head, body, "2026-11-20 10:11:12"


def between_lists(title: str, lines: tuple[str, ...]) -> tuple[str, str, str]:
    head = f"<title>{title} - 云湾论坛</title>"
    many = "".join(f'<li><a href="/{n}">第{n}条往期通知，欢迎点击查看往期内容</a></li>' for n in range(20))
    body = (
        f'{NAV}<div class="hotlist"><ul>{many}</ul></div><h1>{title}</h1><p class="date">发布时间：2026/11/20 10:11</p><div>{paragraphs(lines)}</div>'
        f'<div class="hotlist"><ul>{many}</ul></div>{FOOT}'
    )
    return head, body, "2026/11/20 10:11"


def suda(title: str, lines: tuple[str, ...]) -> tuple[str, str, str]:
    head = f"<title>{title}</title>"
    body = (
        f'{NAV}<div class="article"><h1 class="arti_title">{title}</h1><p class="arti_metas"><span>发布者：办公室</span><span>发布时间：2026-11-20</span></p>'
        f'<div class="entry"><div class="read"><div class="wp_articlecontent">{spans(lines)}</div></div></div></div>{TURN}{FOOT}'
    )
    return head, body, "2026-11-20"


def letter(title: str, lines: tuple[str, ...]) -> tuple[str, str, str]:
    head = f"<title>{title}-区长信箱-云湾区人民政府</title>"
    body = (
        f'{NAV}<div class="mailbox"><h1>{title}</h1><dl><dt>来信时间</dt><dd>2026-11-20 10:11</dd></dl><div class="mail-detail"><p>{lines[0]}</p></div>'
        f'<div class="mail-reply-detail"><p>{lines[1]}</p><p>{lines[2]}</p></div></div>{FOOT}'
    )
    return head, body, "2026-11-20 10:11"


SOFTWARE = {
    "trs": trs, "hanweb": hanweb, "vsb": vsb, "gov_cn": gov_cn, "wordpress": wordpress, "wechat": wechat, "people": people,
    "old_table": old_table, "modern": modern, "bare_divs": bare_divs, "between_lists": between_lists, "suda": suda,
    "letter": letter,
}  # fmt: skip


def made(name: str, title: str, lines: tuple[str, ...], **how: str) -> SitePage:
    """A page of a software."""
    head, body, at = SOFTWARE[name](title, lines)
    return SitePage(
        name=f"{name}: {title[:6]}{how.get('encoding', '')}",
        html=whole(head, body),
        title=title,
        text=lines,
        not_in=AROUND,
        at=at,
        **how,
    )


PAGES = [made(name, title, lines) for name, (title, lines) in product(SOFTWARE, STORIES)] + [
    made("old_table", *STORIES[0], encoding="gbk"),
    made("trs", *STORIES[1], encoding="gb18030", content_type="text/html; charset=iso-8859-1"),
    made("people", *STORIES[2], encoding="gbk", content_type="text/html; charset=GB2312"),
]
