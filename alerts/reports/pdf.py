"""Reports as PDF, set by Typst: text is data to it, never markup, so what strangers wrote cannot do anything.

Typst and the font come as packages, without system libraries (docs/adr/0024-reports-by-typst.md).
"""

from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec
import typst

from alerts.reports.charts import chart_svg
from core.errors import ConfigurationError
from core.records.reports import OfficeReport, Piece, ReportChart

TEMPLATE = "report.typ"
FONTS = str(files("pylopdf_fonts_zh_cn"))
PICTURE = (
    '#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg", width: 160mm)'
)
PICTURE_PPI = 220


def pdf_of(report: OfficeReport, template: Path, link: str) -> bytes:
    """The report as PDF (tagged, so that screen readers can read it); `link` is the address of the board.

    Raises `ConfigurationError` naming the template when Typst cannot set it.
    """
    content = msgspec.to_builtins(report)
    for section, plain in zip(report.sections, content["sections"], strict=True):
        if section.chart is not None:
            plain["svg"] = chart_svg(section.chart)
    given = {"report": msgspec.json.encode(content).decode(), "link": link.rstrip("/") + "/"}
    try:
        return _set(template.read_bytes(), given, "pdf")
    except typst.TypstError as error:
        raise ConfigurationError(f"{template}: {error}") from error


def chart_png(chart: ReportChart) -> bytes:
    """A picture of the chart for programs that cannot show the vectors."""
    return _set(PICTURE.encode(), {"svg": chart_svg(chart)}, "png")


def _set(source: bytes, given: dict[str, str], format_: Literal["pdf", "png"]) -> bytes:
    """What Typst makes of a source, with the font that ships and no other, so that it looks the same everywhere."""
    made = typst.Compiler(font_paths=[FONTS], ignore_system_fonts=True, sys_inputs=given).compile(
        source, format=format_, ppi=PICTURE_PPI
    )
    return b"".join(made) if isinstance(made, list) else made or b""


def plain(line: tuple[Piece, ...]) -> str:
    """A line without its links."""
    return "".join(piece.text for piece in line)
