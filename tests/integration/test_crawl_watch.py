"""Watching goes on until it is told to stop, and then stops at once."""

import signal
import subprocess
import sys

from pytest_httpserver import HTTPServer

RSS = '<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>积水</title></item></channel></rss>'


def test_watching_visits_what_is_due_and_ends_on_sigterm(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/feed").respond_with_data(RSS, content_type="application/rss+xml")
    command = [sys.executable, "-m", "tests.integration.watch_process", httpserver.url_for("/feed")]

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ok 1\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert process.stdout.read() == ""
