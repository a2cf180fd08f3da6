"""Reports: what they count, where their figures lead, and the files, opened as a reader's program opens them."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from docx import Document
from docxtpl import DocxTemplate
from lxml import etree

from alerts.reports import shelf
from alerts.reports.charts import chart_svg, nice_top
from alerts.reports.maker import FORMATS, TEMPLATES, Maker, Wanted
from alerts.reports.schedule import Plan, last_due, load_plans
from alerts.reports.spans import span_of, whole_hours
from alerts.reports.words import LANGUAGES, PLACE, load_words
from core.effects import Effects, SaveCase
from core.errors import ConfigurationError, NotFound, Refused
from core.records import Citation, Draft, Sentence
from core.records.reports import Bar, OfficeReport, ReportChart
from core.storage.sqlite import SqliteStorage, open_storage
from tests.records import NOON, case, incident, labels, post
from tests.reporting import BOARD, ZONE, maker_over

HOSTILE = '<script>alert(1)</script>{{ 7*7 }}{% raw %}#import "x"\x00\x1b\u202e逆' + "长" * 400
DAY = Wanted(kind="daily", jurisdiction="990100", since=NOON - timedelta(hours=20), until=NOON + timedelta(hours=4))
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    """Three posts of a water outage, two of them negative, in an incident with a case that has a draft."""
    opened = open_storage(tmp_path / "data")
    said = [post("p1", "停水两天了"), post("p2", HOSTILE), post("p3", "来水了", labels=labels("positive"))]
    draft = Draft(
        id="d1",
        case="c1",
        at=NOON,
        status="proposed",
        sentences=(Sentence(part="known", text="主管破裂。", cites=(Citation(kind="fact", id="f"),)),),
        ai_label="人工智能辅助生成",
        ai_metadata={"AIGC": "1"},
    )
    opened.commit(
        Effects(
            posts=said,
            incidents=[incident(title=HOSTILE, examples=("p1",))],
            changes=[SaveCase(case("c1", incident="i1", title=HOSTILE, unit="water"), 0), draft],
        )
    )
    yield opened
    opened.close()


@pytest.fixture
def maker(storage: SqliteStorage) -> Maker:
    return maker_over(storage)


def links(report: OfficeReport) -> dict[str, str]:
    """Where the figures of the overview lead."""
    return {
        piece.text: piece.link for section in report.sections for line in section.lines for piece in line if piece.link
    }


def said(report: OfficeReport) -> str:
    return "".join(piece.text for section in report.sections for line in section.lines for piece in line)


def test_a_daily_report_counts_its_posts_and_each_figure_leads_to_them(maker: Maker) -> None:
    report = maker.make(DAY, NOON)
    assert "共收录帖文3条，其中负面2条，占67%" in said(report)
    found = links(report)
    assert (
        found["3"] == "#/posts?jurisdiction=990100&since=2026-05-31T08%3A00%3A00Z&until=2026-06-01T08%3A00%3A00Z&fold=0"
    )
    assert "sentiment=negative" in found["2"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_every_word_with_the_same_figures(lang: str) -> None:
    ours, first = load_words(lang)._table, load_words(LANGUAGES[0])._table  # the whole catalogue is under test
    assert list(ours) == list(first)
    assert {k: sorted(PLACE.findall(v)) for k, v in ours.items()} == {
        k: sorted(PLACE.findall(v)) for k, v in first.items()
    }
    if lang == "en":
        shown = {key: text for key, text in ours.items() if re.search(r"[\u4e00-\u9fff]", text)}
        assert shown == {}


def test_the_word_file_holds_the_figures_as_links_and_the_chart_as_vectors(maker: Maker) -> None:
    data = maker.render(maker.make(DAY, NOON), "docx")
    document = Document(io.BytesIO(data))
    assert document.paragraphs[0].text == "云湾区舆情日报"
    targets = [rel.target_ref for rel in document.part.rels.values() if rel.reltype.endswith("/hyperlink")]
    assert "sentiment=negative" in "".join(targets)
    linked = {"".join(t.text for t in link.iter(f"{W}t")) for link in document.element.body.iter(f"{W}hyperlink")}
    assert {"3", "2"} <= linked
    with zipfile.ZipFile(io.BytesIO(data)) as files:
        vectors = [name for name in files.namelist() if name.endswith(".svg")]
        assert len(vectors) == 1
        etree.fromstring(files.read(vectors[0]))
        assert b"svgBlip" in files.read("word/document.xml")
    assert any("帖文" in cell.text for table in document.tables for cell in table.rows[0].cells)


def test_the_pdf_holds_the_same_words_and_links_and_prints(maker: Maker) -> None:
    data = maker.render(maker.make(DAY, NOON), "pdf")
    reader = pypdf.PdfReader(io.BytesIO(data))
    text = "".join(page.extract_text() for page in reader.pages)
    assert "云湾区舆情日报" in text
    assert "共收录帖文" in text.replace(" ", "")
    uris = [
        note.get_object()["/A"]["/URI"]
        for page in reader.pages
        for note in page.get("/Annots") or []
        if "/URI" in note.get_object().get("/A", {})
    ]
    assert any("sentiment=negative" in uri and uri.startswith(BOARD) for uri in uris)
    page = pypdfium2.PdfDocument(data)[0]
    pixels = bytes(page.render(scale=0.5, grayscale=True).buffer)
    assert 0.02 < sum(pixel < 200 for pixel in pixels) / len(pixels) < 0.5  # neither blank nor black


def test_what_the_machine_wrote_is_labelled_on_the_page_and_in_the_file(maker: Maker) -> None:
    report = maker.make(Wanted(kind="case", case="c1"), NOON)
    word = Document(io.BytesIO(maker.render(report, "docx")))
    assert any(p.text == "人工智能辅助生成" for p in word.paragraphs)
    assert word.core_properties.keywords == "AIGC=1"
    pdf = pypdf.PdfReader(io.BytesIO(maker.render(report, "pdf")))
    assert pdf.metadata is not None
    assert "AIGC=1" in (pdf.metadata.keywords or "")
    assert "主管破裂" in said(report)


def test_a_report_on_a_span_carries_no_label_of_a_draft(maker: Maker) -> None:
    assert maker.make(DAY, NOON).ai_label == ""


@pytest.mark.parametrize("wanted", [DAY, Wanted(kind="case", case="c1")])
def test_hostile_text_is_text_in_both_formats(maker: Maker, wanted: Wanted) -> None:
    report = maker.make(wanted, NOON)
    word = Document(io.BytesIO(maker.render(report, "docx")))
    cells = " ".join(cell.text for table in word.tables for row in table.rows for cell in row.cells)
    assert "<script>alert(1)</script>{{ 7*7 }}" in cells + report.title
    assert "49" not in report.title
    assert "script" in "".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(maker.render(report, "pdf"))).pages)


def test_an_office_changes_the_template_in_word(storage: SqliteStorage, tmp_path: Path) -> None:
    own = Document(str(TEMPLATES / "report.docx"))
    own.paragraphs[0].insert_paragraph_before("云湾区网信办 · 内部资料")
    own.save(str(tmp_path / "report.docx"))
    maker = Maker(maker_over(storage)._ground, BOARD, tmp_path)  # the same ground, another folder
    word = Document(io.BytesIO(maker.render(maker.make(DAY, NOON), "docx")))
    assert word.paragraphs[0].text == "云湾区网信办 · 内部资料"


def test_a_template_that_asks_for_what_is_not_there_is_named(storage: SqliteStorage, tmp_path: Path) -> None:
    own = Document(str(TEMPLATES / "report.docx"))
    own.paragraphs[0].insert_paragraph_before("{{ budget }}")
    own.save(str(tmp_path / "report.docx"))
    maker = Maker(maker_over(storage)._ground, BOARD, tmp_path)  # the same ground, another folder
    (tmp_path / "report.typ").write_text("#budget", encoding="utf-8")
    for format_ in FORMATS:
        with pytest.raises(ConfigurationError, match="budget"):
            maker.render(maker.make(DAY, NOON), format_)


def test_the_template_that_ships_names_only_what_a_report_has() -> None:
    names = DocxTemplate(TEMPLATES / "report.docx").get_undeclared_template_variables()
    assert names <= {"title", "subtitle", "place", "made_by", "note", "ai_label", "sections", "section"}


def test_what_makes_no_sense_is_refused(maker: Maker) -> None:
    for wrong in (
        Wanted(kind="hourly"),
        Wanted(kind="daily", since=NOON, until=NOON),
        Wanted(kind="daily", since=NOON - timedelta(days=500), until=NOON),
        replace(DAY, lang="fr"),
    ):
        with pytest.raises(Refused):
            maker.make(wrong, NOON)
    with pytest.raises(NotFound):
        maker.make(Wanted(kind="case", case="gone"), NOON)


def test_kept_reports_are_listed_read_and_forgotten(storage: SqliteStorage, maker: Maker) -> None:
    report = maker.make(DAY, NOON)
    storage.commit(Effects(changes=[*shelf.kept(report)]))
    storage.commit(Effects(changes=[*shelf.kept(report)]))
    assert [card.id for card in shelf.cards(storage.store, ["990100"])] == [report.id]
    assert shelf.report(storage.store, report.id) == report
    storage.commit(Effects(changes=[*shelf.forgotten(report.id)]))
    assert shelf.report(storage.store, report.id) is None
    assert shelf.cards(storage.store, ["990100"]) == []


def test_spans_are_whole_hours_and_whole_months() -> None:
    at = datetime(2026, 3, 1, 0, 30, tzinfo=ZONE)
    since, until = span_of("monthly", at, ZONE)
    assert (since.isoformat(), until.isoformat()) == ("2026-02-01T00:00:00+08:00", "2026-03-01T00:00:00+08:00")
    assert whole_hours(NOON, NOON + timedelta(minutes=1)) == (NOON, NOON + timedelta(hours=1))
    assert span_of("flash", NOON + timedelta(minutes=59), ZONE) == (NOON - timedelta(hours=3), NOON)


def test_scheduled_reports_are_due_at_their_hour_of_the_offices_zone() -> None:
    monday = datetime(2026, 6, 1, 7, 59, tzinfo=ZONE)
    weekly = Plan(kind="weekly", hour=8, weekday=1)
    before = last_due(weekly, monday, ZONE)
    assert before == datetime(2026, 5, 25, 8, tzinfo=ZONE)
    assert last_due(weekly, monday + timedelta(minutes=1), ZONE) == datetime(2026, 6, 1, 8, tzinfo=ZONE)
    assert last_due(Plan(kind="monthly"), datetime(2026, 6, 30, tzinfo=ZONE), ZONE) == datetime(
        2026, 6, 1, 8, tzinfo=ZONE
    )


def test_a_wrong_table_of_plans_names_its_line(tmp_path: Path) -> None:
    table = tmp_path / "reports.yaml"
    table.write_text("reports:\n- {kind: daily}\n- {kind: daily, hour: 24}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="line 3"):
        load_plans(table)
    assert [plan.kind for plan in load_plans(None)] == ["daily", "weekly", "monthly"]


def test_a_chart_is_drawn_on_an_axis_of_round_numbers() -> None:
    assert [nice_top(most) for most in (0, 4, 5, 156, 1234, 99_999)] == [4, 4, 8, 200, 2000, 100_000]
    bars = tuple(Bar(label=f"06-01 {n:02}:00", posts=n, negative=n // 2) for n in range(24))
    drawn = etree.fromstring(chart_svg(ReportChart(sentence="", bars=bars, series=("<全部>", "负面"))).encode())
    columns = [r for r in drawn.iter("{http://www.w3.org/2000/svg}rect") if r.get("rx") is None]
    assert len(columns) == 23 + 22
    heights = sorted(float(column.get("height", "")) for column in columns)
    assert heights[-1] / heights[0] == pytest.approx(23, rel=0.02)
