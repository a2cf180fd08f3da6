"""A server as a child process that outlives neither its context nor its parent, and that can be hurt on purpose."""

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import psutil

ROOT = Path(__file__).resolve().parents[2]
START_S = 240
STOP_S = 10
LOG_LINES = 40
PORTS = range(20_000, 32_768)
"""Below the range that Linux gives to outgoing connections, so that nobody takes the port of a server that is down."""


class Unavailable(RuntimeError):
    """The server could not be started, or cannot be hurt because it is not ours; the message says why."""


class Server(ABC):
    """One server: started when its context is entered, ended and its data removed when it is left.

    Args:
        address: Of a server that runs already; by default what the environment says in `variable`, else one is started.
    """

    kind: ClassVar[str]
    variable: ClassVar[str]
    last_signal: ClassVar[signal.Signals] = signal.SIGKILL
    """How it is ended when the context is left; only a server that leaves things behind needs a gentle one."""
    user: ClassVar[int | None] = None
    """The user id that it runs as; None is ours."""

    def __init__(self, address: str | None = None) -> None:
        self.given = address or os.environ.get(self.variable) or None
        self.home = Path()
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Fetch what the server needs and lay out `home`; not timed."""

    @abstractmethod
    def command(self) -> list[str]:
        """The command line; the same at every start."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether it answers a real request."""

    def __enter__(self) -> Self:
        if self.given:
            return self
        self.home = Path(tempfile.mkdtemp(prefix=f"huiying-{self.kind}-"))
        self._guard = Guard(self.home)
        try:
            self.prepare()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start it on its data and its port, as often as it was killed; returns when it answers.

        Raises:
            Unavailable: It ended or did not answer in `START_S` seconds, with the end of its log.
        """
        guard = self._own()
        if self.running:
            raise Unavailable(f"{self.kind} runs already")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )
        guard.watch(self._process.pid)
        self._await_answer(self._process)

    @property
    def pid(self) -> int:
        """Of its process; it must run."""
        self._own()
        if self._process is None:
            raise Unavailable(f"{self.kind} does not run")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether its process is there, be it paused."""
        return self._process is not None and self._process.poll() is None

    def pause(self) -> None:
        """Stop it in its tracks: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """kill -9; its data stays for the next `start`."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """End it and remove its data; harmless when it is down."""
        if self._guard is None:
            return
        if self.running:
            self.resume()
            self._end(self.last_signal)
        self._guard.close()
        self._guard = None

    def log_tail(self) -> str:
        """The last lines that it wrote."""
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        return "\n".join(text.splitlines()[-LOG_LINES:])

    @property
    def _log(self) -> Path:
        return self.home / "server.log"

    def _own(self) -> "Guard":
        if self._guard is None:
            why = f"it was given by {self.variable}" if self.given else "its context is not entered"
            raise Unavailable(f"cannot start, pause or kill this {self.kind}: {why}")
        return self._guard

    def _await_answer(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_S
        while not self.ready():
            if process.poll() is not None:
                raise Unavailable(f"{self.kind} ended with {process.returncode}:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                self._end(signal.SIGKILL)
                raise Unavailable(f"{self.kind} did not answer in {START_S} s:\n{self.log_tail()}")
            time.sleep(0.1)

    def _end(self, how: signal.Signals) -> None:
        guard = self._own()
        family = self._signal(how)
        if not _ended(family):
            self._signal(signal.SIGKILL)
        if not _ended(family):
            raise Unavailable(f"{self.kind} cannot be killed")
        if self._process is not None:
            self._process.wait(STOP_S)
        guard.watch(0)

    def _signal(self, what: signal.Signals) -> list[psutil.Process]:
        """Send it to the process and all its descendants: those of PostgreSQL leave the process group."""
        self._own()
        if self._process is None or self._process.poll() is not None:
            raise Unavailable(f"{self.kind} does not run")
        parent = psutil.Process(self._process.pid)
        family = [parent, *parent.children(recursive=True)]
        for process in family if what in HARD else [parent]:
            try:
                process.send_signal(what)
            except psutil.NoSuchProcess:
                continue
        return family


HARD = frozenset({signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT})
"""Signals that a server cannot pass on to its children itself."""


class Guard:
    """Ends a process group and removes a directory when we die, however we die; and the directory when closed.

    It is a process that reads from us: the kernel closes the pipe of whoever dies. (Linux's "signal on parent's death"
    goes by threads: it would kill a server that was started from a thread that has ended since.)
    """

    _SCRIPT = """
import os, shutil, signal, sys, time
group = 0
for line in sys.stdin:
    group = int(line)
if group:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
for _ in range(50):
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    if not os.path.exists(sys.argv[1]):
        break
    time.sleep(0.1)
"""

    def __init__(self, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", self._SCRIPT, str(home)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    def watch(self, group: int) -> None:
        """This process group from now on; 0 is none."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{group}\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """Remove the directory and wait for it; the server has ended before."""
        self._process.communicate(timeout=STOP_S)


def _ended(family: list[psutil.Process]) -> bool:
    """Whether all have ended within `STOP_S` seconds; an orphan that init has not fetched yet has ended too."""
    deadline = time.monotonic() + STOP_S
    while any(_lives(process) for process in family):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def free_ports(number: int) -> list[int]:
    """Different TCP ports of this machine on which nobody listens."""
    found: list[int] = []
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
        if len(found) == number:
            return found
    raise Unavailable("no free port")


def listens(port: int) -> bool:
    """Whether somebody accepts connections on this port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
