"""What people bring: good files of every kind, and every kind of broken one."""

import csv
import gzip
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from crawlers.files.content import fingerprint
from crawlers.files.rows import LONGEST_LINE
from crawlers.files.table import Table, open_table

CSV = "编号,内容,发布时间\n1,东门路灯坏了,2026-11-20 08:00\n2,北区停水,2026-11-20 09:00\n"
TRADITIONAL = "編號,內容\n1,東門路燈壞了三天沒有人處理\n2,北區停水了請儘快恢復\n"


def table_of(tmp_path: Path, content: str | bytes, name: str = "file.csv") -> Table:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_table(path)


def refusal_of(tmp_path: Path, content: str | bytes) -> str:
    with pytest.raises(Refused) as refused:
        table_of(tmp_path, content)
    return refused.value.code


def outcome(table: Table, after: int = 0) -> list[tuple[int, Any]]:
    """Rows as they are, refusals by their code."""
    return [(number, row.code if isinstance(row, Refused) else dict(row)) for number, row in table.rows(after)]


def workbook_of(tmp_path: Path, *sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]  # a new workbook has an active sheet
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


# --- what a file is --------------------------------------------------------------------------------------------------


def by_code(value: bytes | str) -> str:
    """A test's name: packed bytes hold the time at which they were packed."""
    return value if isinstance(value, str) else "file"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (CSV.encode(), "utf-8"),
        (CSV.encode("utf-8-sig"), "utf-8-sig"),
        (CSV.encode("gbk"), "gb18030"),
        (CSV.encode("utf-16"), "utf-16"),
        (CSV.encode("utf-16-le"), "utf-16-le"),
        (CSV.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_a_table_is_read_in_the_encodings_of_chinese_offices(tmp_path: Path, content: bytes, encoding: str) -> None:
    table = table_of(tmp_path, content)

    assert table.encoding == encoding
    assert table.columns == ("编号", "内容", "发布时间")
    assert [row["内容"] for row in table.sample()] == ["东门路灯坏了", "北区停水"]


def test_big5_is_told_from_gbk(tmp_path: Path) -> None:
    assert table_of(tmp_path, TRADITIONAL.encode("big5")).sample()[1]["內容"] == "北區停水了請儘快恢復"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    table = table_of(tmp_path, CSV.replace(",", delimiter))

    assert (table.delimiter, len(table.columns)) == (delimiter, 3)


def test_a_gzipped_table_is_read_like_a_plain_one(tmp_path: Path) -> None:
    assert outcome(table_of(tmp_path, gzip.compress(CSV.encode()))) == outcome(table_of(tmp_path, CSV))


def test_the_file_is_known_again_by_its_fingerprint(tmp_path: Path) -> None:
    table = table_of(tmp_path, CSV)
    (tmp_path / "other").write_text(CSV + "3,x,y\n")

    assert table.fingerprint == fingerprint(table.path) != fingerprint(tmp_path / "other")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b" \n\n", "empty_file"),
        (gzip.compress(b""), "empty_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "old_excel"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "html_file"),
        (bytes(range(256)) * 20 + b"\0\0\0\0" * 200, "binary_file"),
        (b"id,text\n" + b"\xff\xfe\xfd\x80\n" * 50, "unknown_encoding"),
        (b"PK\x03\x04 broken", "not_xlsx"),
        (gzip.compress(CSV.encode())[:30], "damaged_file"),
        (b"[]", "not_a_table"),
        (b"[1, 2, 3]", "not_a_table"),
    ],
    ids=by_code,
)
def test_what_is_no_table_is_refused_with_its_reason(tmp_path: Path, content: bytes, code: str) -> None:
    assert refusal_of(tmp_path, content) == code


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.csv"):
        with pytest.raises(Refused, match="is no file"):
            open_table(path)


# --- headers ---------------------------------------------------------------------------------------------------------


def test_a_file_of_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    table = table_of(tmp_path, "编号,内容\n")

    assert (table.columns, outcome(table)) == (("编号", "内容"), [])


def test_without_a_header_the_first_row_is_data(tmp_path: Path) -> None:
    table = table_of(tmp_path, "1,2026-11-20 08:00,路灯坏了\n2,2026-11-20 09:00,停水\n")

    assert [note.code for note in table.notes] == ["no_header"]
    assert outcome(table)[0] == (1, {"column_1": "1", "column_2": "2026-11-20 08:00", "column_3": "路灯坏了"})


def test_a_title_above_the_header_is_stepped_over(tmp_path: Path) -> None:
    table = table_of(tmp_path, "某区工单汇总表,,\n" + CSV)

    assert [note.code for note in table.notes] == ["rows_above_header"]
    assert [number for number, _ in outcome(table)] == [3, 4]


def test_double_and_missing_names_are_made_different(tmp_path: Path) -> None:
    table = table_of(tmp_path, "内容,时间,内容,\n甲,乙,丙,丁\n")

    assert table.columns == ("内容", "时间", "内容_2", "column_4")
    assert {note.code for note in table.notes} == {"duplicate_column", "unnamed_column"}


# --- broken rows -----------------------------------------------------------------------------------------------------


def test_ragged_rows_are_refused_and_the_others_read(tmp_path: Path) -> None:
    table = table_of(tmp_path, "id,text\n1,a\n2\n3,b,c\n4,d,\n")

    assert outcome(table) == [
        (2, {"id": "1", "text": "a"}),
        (3, "ragged_row"),
        (4, "ragged_row"),
        (5, {"id": "4", "text": "d"}),
    ]


def test_a_quoted_cell_may_hold_lines_quotes_and_delimiters(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'id,text\n1,"一行\n二行，""引""、,"\n2,后\n')

    assert outcome(table) == [(2, {"id": "1", "text": '一行\n二行，"引"、,'}), (4, {"id": "2", "text": "后"})]


def test_a_quote_that_is_never_closed_costs_one_line_only(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'id,text\n1,"开头\n2,好\n3,好\n')

    assert [what if isinstance(what, str) else what["id"] for _, what in outcome(table)] == [
        "unterminated_quote",
        "2",
        "3",
    ]


def test_a_stray_quote_closed_by_another_costs_only_its_own_line(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'id,text\n1,"开头\n2,好\n3,"坏"\n4,好\n')

    assert [what if isinstance(what, str) else what["id"] for _, what in outcome(table)] == [
        "unterminated_quote",
        "2",
        "3",
        "4",
    ]


def test_zero_bytes_and_broken_letters_cost_their_line(tmp_path: Path) -> None:
    good = "1,东门路灯坏了三天没有人修\n".encode() * 60
    table = table_of(tmp_path, b"id,text\n" + good + b"2,a\0b\n3,\xff\n4,ok\n")

    assert outcome(table)[60:] == [(62, "nul_byte"), (63, "bad_encoding"), (64, {"id": "4", "text": "ok"})]


def test_cells_of_ten_megabytes_are_refused_and_the_next_row_read(tmp_path: Path) -> None:
    long = "长" * 10_000_000
    table = table_of(tmp_path, f'id,text\n1,{long}\n2,"{long}"\n3,{"中" * 200_000}\n4,短\n')

    assert [what if isinstance(what, str) else what["id"] for _, what in outcome(table)] == [
        "line_too_long",
        "line_too_long",
        "cell_too_large",
        "4",
    ]


def test_rows_can_be_read_on_from_a_number(tmp_path: Path) -> None:
    table = table_of(tmp_path, CSV)
    numbers = [number for number, _ in outcome(table)]

    assert outcome(table, after=numbers[0]) == outcome(table)[1:]


def test_a_gzip_file_that_breaks_off_gives_its_rows_and_then_says_so(tmp_path: Path) -> None:
    lines = "".join(f"{i},{(i * 7919) ** 5 % 10**12}\n" for i in range(60_000))
    packed = gzip.compress(("id,text\n" + lines).encode())
    rows = outcome(table_of(tmp_path, packed[: len(packed) * 9 // 10]))

    assert len(rows) > 30_000
    assert rows[-1][1] == "damaged_file"


def test_a_gzip_bomb_is_stopped(tmp_path: Path) -> None:
    line = ("1," + "a" * 99_997 + "\n").encode() * 10
    packed = io.BytesIO()
    with gzip.open(packed, "wb", compresslevel=1) as file:
        file.write(b"id,text\n")
    packed.write(gzip.compress(line * 30, 9) * 3)
    table = table_of(tmp_path, packed.getvalue())

    assert [what for _, what in outcome(table) if isinstance(what, str)] == ["compression_bomb"]


@given(
    st.lists(
        st.tuples(st.text(alphabet="甲乙a1\",;\n\t '", min_size=1), st.text(alphabet='丙丁b2",|\n\r')).filter(
            lambda row: "".join(row).strip() != ""
        ),
        max_size=20,
    )
)
def test_whatever_a_csv_writer_wrote_is_read_back(rows: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("编号", "内容"), *rows])

        assert [what for _, what in outcome(open_table(path))] == [{"编号": a, "内容": b} for a, b in rows]


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_json_lines_are_read_and_broken_ones_refused(tmp_path: Path) -> None:
    deep = "[" * 100_000
    table = table_of(
        tmp_path,
        f'{{"id": 1, "text": "甲"}}\n\n{{"id": \n[1]\n{{"text": "\\ud800"}}\n{deep}\n{{"id": 2, "likes": 3}}\n',
    )

    assert table.form == "jsonl"
    assert outcome(table) == [
        (1, {"id": 1, "text": "甲"}),
        (3, "broken_json"),
        (4, "not_an_object"),
        (5, "broken_json"),
        (6, "broken_json"),
        (7, {"id": 2, "likes": 3}),
    ]


def test_a_json_array_is_read_element_by_element(tmp_path: Path) -> None:
    posts = [{"id": i, "text": "路灯" * 50, "more": [{"a": "}, {"}]} for i in range(3000)]
    table = table_of(tmp_path, json.dumps(posts, ensure_ascii=False, indent=1))

    assert table.form == "json"
    assert outcome(table) == list(enumerate(posts, 1))


def test_a_broken_element_costs_only_itself(tmp_path: Path) -> None:
    table = table_of(tmp_path, '[{"id": 1}, {"id": oops}, {"id": 3}, 4, {"id": 5}')

    assert [what if isinstance(what, str) else what["id"] for _, what in outcome(table)] == [
        1,
        "broken_json",
        3,
        "not_an_object",
        5,
        "broken_json",
    ]


def test_an_element_too_long_is_stepped_over(tmp_path: Path) -> None:
    table = table_of(tmp_path, '[{"id": 1}, {"id": "' + "x" * (3 * LONGEST_LINE) + '"}, {"id": 3}]')

    assert [what for _, what in outcome(table)][-1] == {"id": 3}
    assert "broken_json" in [what for _, what in outcome(table)]


# --- xlsx ------------------------------------------------------------------------------------------------------------


def test_a_workbook_is_read_with_its_times_and_numbers(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["编号", "留言内容", "留言时间", "点赞数"],
        [7, "路灯坏了", datetime(2026, 11, 20, 8, 0), 3.0],  # noqa: DTZ001  # Excel knows no zones
        [None, None],
        [8, "停水", "昨天", None],
    ]
    table = open_table(workbook_of(tmp_path, [], rows, [["其他"]]))

    assert table.form == "xlsx"
    assert [note.code for note in table.notes] == ["other_sheets"]
    assert outcome(table) == [
        (2, {"编号": 7, "留言内容": "路灯坏了", "留言时间": "2026-11-20T08:00:00", "点赞数": 3}),
        (4, {"编号": 8, "留言内容": "停水", "留言时间": "昨天"}),
    ]


def test_a_workbook_row_wider_than_the_header_is_refused(tmp_path: Path) -> None:
    table = open_table(workbook_of(tmp_path, [["id", "内容"], [1, "甲", "多"], [2, "乙"]]))

    assert [what if isinstance(what, str) else what["id"] for _, what in outcome(table)] == ["ragged_row", 2]


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        open_table(workbook_of(tmp_path, []))
    assert refused.value.code == "empty_file"


def archive(**parts: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (archive(**{"readme.txt": b"x"}), "not_xlsx"),
        (archive(**{"[Content_Types].xml": b"<x/>", "xl__workbook.xml": b"<x/>"}), "damaged_file"),
        (archive(**{"[Content_Types].xml": b"<x/>", "xl__sharedStrings.xml": b"\0" * 20_000_000}), "compression_bomb"),
        (gzip.compress(archive(a=b"x")), "compressed_xlsx"),
    ],
    ids=by_code,
)
def test_archives_that_are_no_workbook_or_a_bomb_are_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert refusal_of(tmp_path, content) == code


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    path = workbook_of(tmp_path, [["id", "内容"], [1, "甲"]])

    assert refusal_of(tmp_path, path.read_bytes()[:-200]) == "not_xlsx"
