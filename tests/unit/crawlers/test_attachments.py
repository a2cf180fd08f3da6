"""The words of files that hang on a page."""

from io import BytesIO

import pytest
from docx import Document
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from core.errors import Refused
from crawlers.pages.attachments import attachment_text


def docx(*lines: str) -> bytes:
    document, file = Document(), BytesIO()
    for line in lines:
        document.add_paragraph(line)
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "地段", "时间"
    document.save(file)
    return file.getvalue()


def pdf(text: str) -> bytes:
    writer, file = PdfWriter(), BytesIO()
    page = writer.add_blank_page(200, 200)
    kind, base = NameObject("/Type1"), NameObject("/Helvetica")
    font = DictionaryObject(
        {NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): kind, NameObject("/BaseFont"): base}
    )
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
    )
    stream = DecodedStreamObject()
    stream.set_data(f"BT /F1 12 Tf 10 100 Td ({text}) Tj ET".encode())
    page[NameObject("/Contents")] = stream
    writer.write(file)
    return file.getvalue()


def test_paragraphs_and_tables_of_a_word_file_are_read():
    assert attachment_text(docx("因管网改造停水", "", "请储水")) == "因管网改造停水\n请储水\n地段\t时间"


def test_the_words_of_a_pdf_are_read():
    assert attachment_text(pdf("Water is off on Saturday")) == "Water is off on Saturday"


def test_a_scan_has_no_words():
    writer, file = PdfWriter(), BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(file)
    assert attachment_text(file.getvalue()) == ""


@pytest.mark.parametrize("body", [b"", b"GIF89a", b"%PDF-1.7 cut", b"PK\x03\x04 cut", docx("x")[:-200], pdf("x")[:80]])
def test_a_damaged_or_foreign_file_is_refused(body: bytes):
    with pytest.raises(Refused) as caught:
        attachment_text(body)
    assert caught.value.code == "bad_attachment"
