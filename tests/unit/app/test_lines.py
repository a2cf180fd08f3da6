"""Lines of a file: each is an item, or says why it is none."""

from io import BytesIO

import pytest

from app.lines import read_lines
from core.errors import Refused


@pytest.mark.parametrize("bad", [b"[" * 100_000, b"\xff\xfe{", b'{"text": "\\ud800"}', b"{", b"1e999", b"nonsense"])
def test_a_line_that_is_no_json_is_refused_and_the_next_is_read(bad: bytes) -> None:
    broken, good = read_lines(BytesIO(bad + b'\n{"text": "\xe5\x81\x9c\xe6\xb0\xb4"}\n'))
    with pytest.raises(Refused):
        broken.item()
    assert good.item() == {"text": "停水", "id": "2"}
