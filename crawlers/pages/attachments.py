"""The text of files that hang on a page: PDF by pypdf, Word (docx) by python-docx. Images stay references."""

import zipfile
from io import BytesIO

from core.errors import Refused

MOST_LETTERS = 50_000
MOST_PAGES = 200
MOST_UNPACKED = 50 * 1024 * 1024


def attachment_text(body: bytes) -> str:
    """The words of a PDF or docx file, cut at 50 000 letters; empty for a PDF of scanned pages.

    Raises `Refused` (`bad_attachment`): it is neither, is damaged or encrypted, or unpacks to more than 50 MiB.
    """
    if body.startswith(b"%PDF-"):
        return _pdf(body)
    if body.startswith(b"PK\x03\x04"):
        return _docx(body)
    raise Refused("bad_attachment", "the file is neither PDF nor docx")


def _pdf(body: bytes) -> str:
    from pypdf import PdfReader

    try:
        reader = PdfReader(BytesIO(body))
        parts: list[str] = []
        for page in reader.pages[:MOST_PAGES]:
            parts.append(page.extract_text())
            if sum(map(len, parts)) > MOST_LETTERS:
                break
    except Exception as error:  # pypdf has a dozen ways to meet a damaged file
        raise Refused("bad_attachment", f"the PDF cannot be read: {str(error)[:100]}") from error
    return "\n".join(parts)[:MOST_LETTERS].strip()


def _docx(body: bytes) -> str:
    from docx import Document

    try:
        _check_size(body)
        document = Document(BytesIO(body))
        lines = [paragraph.text for paragraph in document.paragraphs]
        lines += ["\t".join(cell.text for cell in row.cells) for table in document.tables for row in table.rows]
    except Refused:
        raise
    except Exception as error:  # of zip, XML and python-docx
        raise Refused("bad_attachment", f"the docx file cannot be read: {str(error)[:100]}") from error
    return "\n".join(line for line in lines if line.strip())[:MOST_LETTERS]


def _check_size(body: bytes) -> None:
    with zipfile.ZipFile(BytesIO(body)) as packed:
        if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
            raise Refused("bad_attachment", "the file unpacks to more than 50 MiB")
