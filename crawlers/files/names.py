"""What people call the columns of their tables, in Chinese and English."""

import re
import unicodedata

EXTRA = "extra"

_NAMES = {
    "id": (
        "id 编号 序号 留言编号 帖子id 微博id 评论id mid postid note_id tid uuid 工单号 工单编号 信件编号 受理编号 主键"
    ),
    "at": (
        "at published_at 发布时间 time 时间 date 日期 发布日期 留言时间 留言日期 评论时间 发帖时间 发表时间"
        " 发文时间 来信时间 提交时间 诉求时间 投诉时间 反映时间 创建时间 来电时间 created_at create_time"
        " createtime datetime timestamp pubdate published publish_time post_time"
    ),
    "text": (
        "text content 正文 内容 body 微博正文 微博内容 帖子内容 留言内容 留言详情 评论内容 诉求内容 投诉内容"
        " 来信内容 问题描述 反映内容 工单内容 详情 全文 文本 message comment_text description desc full_text"
        " tweet review post query question letter 诉求 来信 问题"
    ),
    "html": "html content_html",
    "title": "title 标题 主题 留言主题 留言标题 帖子标题 题目 subject headline 信件标题 工单标题",
    "author": (
        "author user username user_name nickname screen_name 作者 用户 用户名 昵称 用户昵称 留言用户 留言人"
        " 发布人 发布者 博主 网友 来信人 诉求人 投诉人"
    ),
    "author_since": "author_since 注册时间 注册日期 账号注册时间 用户注册时间 account_created_at user_created_at",
    "url": "url link href 链接 网址 原文链接 微博链接 帖子链接 地址链接 permalink note_url",
    "platform": "platform 平台 渠道 媒体平台 发布平台 来源平台 来源渠道 诉求渠道",
    "source": "source 来源 数据来源 来源网站 站点 媒体 媒体名称 版块 板块",
    "likes": (
        "likes like 点赞数 点赞 赞 点赞量 赞同数 支持数 支持 support attitudes_count like_count like_num liked_count"
        " digg_count upvotes ups favourites_count favorite_count score"
    ),
    "comments": (
        "comments 评论数 评论 评论量 回复数 跟帖数 comments_count comment_count comment_num reply_count replies num_comments"
    ),
    "shares": (
        "shares 转发数 转发 转发量 分享数 分享 reposts reposts_count repost_num retweets retweet_count share_count forward"
    ),
    "jurisdiction": "jurisdiction 行政区划 行政区划代码 区划代码 区划 adcode region_code",
    "reply_to": "reply_to parent_id parent 父评论id 回复对象 in_reply_to_id",
    "root": "root root_id rootid 主帖id 根评论id",
    "extra:oppose": "oppose 反对数 反对 踩 点踩数 dislikes downvotes",
    "extra:views": "views 阅读数 阅读量 浏览量 浏览数 点击量 播放量 view_count reads",
    "extra": "extra",
}
"""Names of columns, with blanks between, by the field of the push API that they hold; the most usual first.

`extra:x` is the key x of `extra`: figures that a post has no field for.
"""

_SIMILAR: tuple[tuple[str, str], ...] = (
    (r"(发布|发表|留言|评论|发帖|来信|提交|投诉|诉求|反映|创建|上报|登记)(时间|日期)", "at"),
    (r".*(正文|内容|详情|原文|全文|描述|_text|_content)", "text"),
    (r".*(标题|主题)", "title"),
    (r".*(作者|昵称|用户名|发布者|留言人)", "author"),
    (r".*(链接|网址|url)", "url"),
    (r".*点赞.*", "likes"),
    (r".*评论(数|量)", "comments"),
    (r".*转发(数|量)", "shares"),
)
_OF_THE_ANSWER = re.compile(
    r"(reply|response|answer)(_.*)?|(官方|单位)?(回复|答复|回应|办理|处理|处置|办结|更新|抓取|采集|爬取|修改|入库|满意|头像|图片|视频).*"
)
"""Columns about the answer, the handling or the collecting, whatever word they end with."""

_PERSONAL = re.compile(
    r".*姓名|.*联系人|.*(电话|手机)(号码?)?|.*身份证.*|.*证件号码?|.*住址|家庭地址|.*邮箱|微信号?|qq号?|e_?mail|phone(_.*)?|mobile(_.*)?"
    r"|real_?name|id_?card(_.*)?"
)
"""Columns that say who somebody is; what they hold is not for a monitor of opinion to keep."""

_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split()}


def folded(name: str) -> str:
    """A column name without case, width, spaces, marks and what stands in brackets: `发布时间（北京）` is `发布时间`."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    plain = re.sub(r"\(.*?\)|\[.*?\]|【.*?】", "", plain) or plain
    return re.sub(r"[\s:：*#\"'-]+", "_", plain).strip("_")


def known_name(name: str) -> str | None:
    """The field that a column of this very name holds."""
    plain = folded(name)
    return _FIELD_OF.get(plain) or _FIELD_OF.get(plain.replace("_", ""))


def similar_name(name: str) -> str | None:
    """The field that a column of a name like this holds."""
    plain = folded(name)
    if of_the_answer(name):
        return None
    return next((field for pattern, field in _SIMILAR if re.fullmatch(pattern, plain)), None)


def of_the_answer(name: str) -> bool:
    """Whether the column speaks of the reply or the handling, not of what the public said."""
    return known_name(name) is None and _OF_THE_ANSWER.fullmatch(folded(name)) is not None


def personal(name: str) -> bool:
    """Whether the column says who somebody is, and is left out."""
    return known_name(name) is None and _PERSONAL.fullmatch(folded(name)) is not None


def preference(name: str, field: str) -> int:
    """The smaller, the more usual the name is for the field."""
    plain = folded(name)
    names = _NAMES[field].split()
    return names.index(plain) if plain in names else len(names)
