"""Starts the real `huiying serve` as a user would, in a process of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.servers.process import free_ports

ROOT = Path(__file__).resolve().parents[2]
START_S = 180
STOP_S = 20


WITH_ENCODER = {"HUIYING_ENCODER": "shipped", "HUIYING_ENCODER_WAIT": "60"}
"""With both tiers of labels, and time enough for the second, so that labels do not depend on how busy the machine is."""

TIERS = WITH_ENCODER if os.environ.get("HUIYING_TEST_ENCODER") else {}
"""What tests of whole streams add to their environment: nothing, or the encoder, which takes thrice the time."""


def environment(**more: str) -> dict[str, str]:
    """The environment of a child: ours without any setting of Huiying, plus `more`.

    Without the encoder: few tests are about labels.
    """
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HUIYING_")}
    usual = {"HUIYING_LOG_LEVEL": "warning", "HUIYING_ENCODER": "off", "PYTHONUNBUFFERED": "1"}
    return {**clean, **usual, **more}


def command(*args: object) -> list[str]:
    """`huiying ARGS` with this test's interpreter."""
    return [sys.executable, "-m", "app", *map(str, args)]


def huiying(*args: object, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    given = {"capture_output": True, "text": True, "timeout": 120, "cwd": ROOT, "env": environment()}
    return subprocess.run(command(*args), check=False, **{**given, **more})


class Serving:
    """A running `huiying serve`; `url` is where it listens, `link` the one-time link of a first start."""

    def __init__(self, data_dir: Path, *options: object, **env: str) -> None:
        self.data_dir = data_dir
        self.log = data_dir.with_suffix(".log")
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command("serve", "--data-dir", data_dir, "--port", port, *options),
                cwd=ROOT,
                env=environment(HUIYING_ALLOW_INWARD='["127.0.0.0/8"]', **env),
                stdout=out,
                stderr=out,
            )

    def __enter__(self) -> Self:
        until(self._healthy, START_S, lambda: f"serve did not start:\n{self.log_text()}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.stop()

    @property
    def link(self) -> str:
        """The one-time link that the first start printed."""
        found = re.search(r"http://\S+#/setup\?code=\S+", self.log_text())
        assert found is not None, self.log_text()
        return found.group()

    @property
    def code(self) -> str:
        """The code in the one-time link."""
        return self.link.rpartition("code=")[2]

    def stop(self) -> int:
        """SIGTERM and wait; fails the test when that takes longer than promised."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_S)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def log_text(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def token(self, role: str) -> str:
        """A token made by `huiying token create`, as the README tells."""
        made = huiying("token", "create", "--data-dir", self.data_dir, "--role", role)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip().splitlines()[-1]

    @contextmanager
    def client(self, role: str) -> Iterator[httpx.Client]:
        """An HTTP client with a token of that role."""
        headers = {"Authorization": f"Bearer {self.token(role)}"}
        with httpx.Client(base_url=self.url, headers=headers, timeout=30) as client:
            yield client

    def _healthy(self) -> bool:
        assert self.process.poll() is None, f"serve ended:\n{self.log_text()}"
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False


def until(condition: Any, seconds: float, otherwise: str | Callable[[], str], every: float = 0.1) -> Any:
    """Wait until `condition()` is true and return it; fail with `otherwise` when it takes longer."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, otherwise if isinstance(otherwise, str) else otherwise()
        time.sleep(every)
