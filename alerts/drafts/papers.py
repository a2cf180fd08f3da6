"""A draft as a file for people: docx, PDF or text, with the AI label where it is seen and where machines look.

《人工智能生成合成内容标识办法》 and GB 45438-2025: a visible label in the text, and a field `AIGC` with JSON in the metadata.
"""

import io
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt
from pypdf import PdfReader, PdfWriter
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

from core.records import Draft

FONT = "STSong-Light"
"""One of the Chinese fonts that every PDF reader brings (Adobe-GB1): nothing is embedded."""
FIELD = "AIGC"
HEADINGS = frozenset({"title", "section"})
ALONE = frozenset({"title", "section", "greeting", "closing", "question", "known", "law"})
"""Parts that begin a paragraph of their own."""

Paragraphs = list[tuple[str, str]]


def paragraphs(draft: Draft) -> Paragraphs:
    """The text in paragraphs: a kind (`title`, `section`, `text`) and its words."""
    made: Paragraphs = []
    last = ""
    for sentence in draft.sentences:
        kind = sentence.part if sentence.part in HEADINGS else "text"
        joins = made and made[-1][0] == kind == "text" and (sentence.part == last or sentence.part not in ALONE)
        if joins:
            made[-1] = (kind, made[-1][1] + sentence.text)
        else:
            made.append((kind, sentence.text))
        last = sentence.part
    return made


def label(draft: Draft, zone: ZoneInfo) -> str:
    """The visible label: that a machine wrote it, and who approved it, when."""
    names = [f"{a.who}（{a.at.astimezone(zone):%Y-%m-%d %H:%M}）" for a in draft.approvals if a.approved]
    state = f"审核：{'、'.join(names)}" if draft.status == "approved" else "未经审核，不得发布"
    return f"{draft.ai_label}｜{state}"


def as_text(draft: Draft, zone: ZoneInfo, now: datetime) -> bytes:
    """Plain text, the label in its last line."""
    return "\n".join([*(words for _, words in paragraphs(draft)), "", label(draft, zone), ""]).encode()


def as_docx(draft: Draft, zone: ZoneInfo, now: datetime) -> bytes:
    """A Word document; the field is in the core properties (`identifier` holds the draft, `keywords` the field)."""
    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = "仿宋", Pt(16)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "仿宋")
    for kind, words in paragraphs(draft):
        paragraph = document.add_paragraph()
        run = paragraph.add_run(_printable(words))
        run.bold = kind != "text"
        if kind == "title":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif kind == "text":
            paragraph.paragraph_format.first_line_indent = Pt(32)
    footer = document.sections[0].footer.paragraphs[0]
    footer.text = _printable(label(draft, zone))
    facts = document.core_properties
    facts.title, facts.identifier, facts.author = draft.kind, draft.id, _approvers(draft)
    facts.keywords, facts.comments, facts.created = _field(draft), draft.ai_label, now.replace(tzinfo=None)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def as_pdf(draft: Draft, zone: ZoneInfo, now: datetime) -> bytes:
    """A PDF; the field is an entry of the document's information."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    plain = ParagraphStyle("text", fontName=FONT, fontSize=14, leading=24, firstLineIndent=28, wordWrap="CJK")
    styles = {
        "text": plain,
        "section": ParagraphStyle("section", parent=plain, firstLineIndent=0, spaceBefore=8),
        "title": ParagraphStyle(
            "title", parent=plain, fontSize=18, firstLineIndent=0, alignment=TA_CENTER, spaceAfter=12
        ),
        "label": ParagraphStyle("label", parent=plain, fontSize=9, leading=14, firstLineIndent=0),
    }
    made = [Paragraph(_escaped(words), styles[kind]) for kind, words in paragraphs(draft)]
    out = io.BytesIO()
    page = SimpleDocTemplate(out, pagesize=A4, title=draft.kind, author=_approvers(draft))
    page.build([*made, Spacer(1, 24), Paragraph(_escaped(label(draft, zone)), styles["label"])])
    out.seek(0)
    writer = PdfWriter(clone_from=PdfReader(out))
    writer.add_metadata({f"/{FIELD}": _field(draft), "/Producer": "huiying"})
    signed = io.BytesIO()
    writer.write(signed)
    return signed.getvalue()


Paper = Callable[[Draft, ZoneInfo, datetime], bytes]
PAPERS: dict[str, tuple[str, Paper]] = {
    "txt": ("text/plain; charset=utf-8", as_text),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", as_docx),
    "pdf": ("application/pdf", as_pdf),
}
"""By the ending of the file: its media type, and what makes it."""


def _field(draft: Draft) -> str:
    return msgspec.json.encode({FIELD: draft.ai_metadata}).decode()


def _approvers(draft: Draft) -> str:
    return "、".join(a.who for a in draft.approvals if a.approved)


def _printable(text: str) -> str:
    """Without control characters, which XML cannot hold."""
    return "".join(char for char in text if char.isprintable() or char in "\n\t")


def _escaped(text: str) -> str:
    return _printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
