"""Reports as Word files, by docxtpl: the template is a Word file that an office can change in Word.

Numbers are links, charts are vector pictures (with a bitmap for programs that know none), and the hidden label of
machine-written text lies in the file's properties.
"""

import io
from pathlib import Path
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage, RichText
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from alerts.reports.charts import chart_svg
from alerts.reports.pdf import chart_png, plain
from core.errors import ConfigurationError
from core.records.reports import Line, OfficeReport, ReportChart, Section

TEMPLATE = "report.docx"
WIDTH = Mm(160)
LINK_COLOR = "1D5B82"
LONGEST_PROPERTY = 255
"""More a property of a Word file cannot hold."""
SVG_BLIP = (
    '<a:extLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
    '<asvg:svgBlip xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="{rid}"/>'
    "</a:ext></a:extLst>"
)
"""How DrawingML names the vectors of a picture (MS-ODRAWXML, svgBlip)."""


def docx_of(report: OfficeReport, template: Path, link: str) -> bytes:
    """The report as a Word file; `link` is the address of the board.

    Raises `ConfigurationError` naming the template when it asks for what a report has not.
    """
    document = DocxTemplate(template)
    builder = _Builder(document, link.rstrip("/") + "/")
    sections = [builder.section(section) for section in report.sections]
    context = {
        "title": report.title,
        "subtitle": report.subtitle,
        "place": report.place,
        "made_by": report.made_by,
        "note": report.note,
        "ai_label": report.ai_label,
        "sections": sections,
        "section": {one["name"]: one for one in sections},
    }
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    try:
        document.render(context, jinja_env=environment)
    except TemplateError as error:
        raise ConfigurationError(f"{template}: {error.message}") from error
    _label(document, report)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _label(document: Any, report: OfficeReport) -> None:
    properties = document.docx.core_properties
    properties.title = report.title[:LONGEST_PROPERTY]
    properties.author = report.place[:LONGEST_PROPERTY]
    properties.created = properties.modified = report.made_at.replace(tzinfo=None)
    properties.keywords = "; ".join(f"{name}={value}" for name, value in report.ai_metadata.items())[:LONGEST_PROPERTY]
    properties.comments = report.ai_label[:LONGEST_PROPERTY]


class _Builder:
    """Makes the values that a template places."""

    def __init__(self, document: Any, link: str) -> None:
        self._document = document
        self._link = link

    def section(self, section: Section) -> dict[str, Any]:
        chart, table = section.chart, section.table
        return {
            "name": section.name,
            "title": section.title,
            "lines": [self.line(line) for line in section.lines],
            "chart": None if chart is None else VectorImage(self._document, chart),
            "caption": "" if chart is None else chart.sentence,
            "head": () if table is None else table.head,
            "rows": () if table is None else [[self.line(cell) for cell in row] for row in table.rows],
            "text": "".join(map(plain, section.lines)),
        }

    def line(self, line: Line) -> Any:
        text = RichText()
        for piece in line:
            if piece.link:
                target = self._document.build_url_id(self._link + piece.link)
                text.add(piece.text, url_id=target, color=LINK_COLOR)
            else:
                text.add(piece.text)
        return text


class VectorImage(InlineImage):  # type: ignore[misc]  # docxtpl ships no types
    """A chart whose vectors lie beside its bitmap."""

    def __init__(self, document: Any, chart: ReportChart) -> None:
        super().__init__(document, io.BytesIO(chart_png(chart)), width=WIDTH)
        self._chart = chart

    def _insert_image(self) -> str:
        part = self.tpl.current_rendering_part
        picture = part.new_pic_inline(self.image_descriptor, self.width, self.height)
        name = PackURI(f"/word/media/chart{len(part.rels) + 1}.svg")
        vectors = Part(name, "image/svg+xml", chart_svg(self._chart).encode(), part.package)
        target = part.relate_to(vectors, RELATIONSHIP_TYPE.IMAGE)
        blip = picture.xpath(".//a:blip")[0]
        blip.append(parse_xml(SVG_BLIP.format(rid=target)))
        picture.docPr.set("descr", self._chart.sentence)
        # docxtpl puts what it is given into the middle of a run.
        return f'</w:t></w:r><w:r><w:drawing>{picture.xml}</w:drawing></w:r><w:r><w:t xml:space="preserve">'
