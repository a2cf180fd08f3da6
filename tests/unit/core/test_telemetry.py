"""What a log never says, whoever writes it."""

import subprocess
import sys

import pytest

from core.telemetry import without_secrets

WRITES = """
import logging, structlog
from core.telemetry import configure_logging
configure_logging("debug", FORM)
address = "https://anna:pass-word@rss.example/feed?key=to-ken#frag-ment"
log, library = structlog.get_logger(), logging.getLogger("library")
log.info("failed", error=f"no answer from <GET {address}>", cookie="lo-gin", text="what some-body wrote")
library.error("no answer from %s", address)
try:
    raise RuntimeError(f"{address}: refused")
except RuntimeError as error:
    log.error("failed", exc_info=error)
    library.exception("failed")
"""


@pytest.mark.parametrize("form", ["json", "console"])
def test_neither_our_log_nor_that_of_a_library_nor_a_traceback_says_a_secret(form: str):
    program = WRITES.replace("FORM", repr(form))
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stderr
    assert said.count("https://rss.example/feed?…") >= 4
    secrets = ("anna", "pass-word", "to-ken", "frag-ment", "lo-gin", "some-body")
    assert [secret for secret in secrets if secret in said.replace(program, "")] == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<GET http://h/a?b=c>: refused", "<GET http://h/a?…>: refused"),
        ("https://h/a", "https://h/a"),
        ("http://u:p@h", "http://h"),
        ("of 'http://h?x' and http://i#y", "of 'http://h?…' and http://i?…"),
        ("no address? none#here a@b", "no address? none#here a@b"),
    ],
)
def test_an_address_keeps_its_host_and_path(text: str, left: str):
    assert without_secrets(text) == left
