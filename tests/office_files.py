"""Files that offices send, made from rows."""

import io
from collections.abc import Sequence
from typing import Any

import docx
import openpyxl

Rows = Sequence[Sequence[Any]]


def workbook(rows: Rows) -> bytes:
    """A workbook (xlsx) of one sheet."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(out)
    return out.getvalue()


def document(rows: Rows) -> bytes:
    """A Word document of a line and a table."""
    word, out = docx.Document(), io.BytesIO()
    word.add_paragraph("事实卡")
    table = word.add_table(0, len(rows[0]))
    for row in rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = "" if value is None else str(value)
    word.save(out)
    return out.getvalue()
