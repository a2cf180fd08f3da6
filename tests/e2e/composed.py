"""Starts what docker-compose.yml would start, as plain processes: its commands, its environment, its health checks, its order.

The images of Kafka, Elasticsearch and PostgreSQL are the servers of the test session; addresses and ports are this
machine's. Everything of ours is taken from the file.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import yaml

from tests.e2e.product import ROOT, command, environment, until
from tests.servers.names import unique
from tests.servers.process import free_ports

FILE = ROOT / "docker-compose.yml"
START_S = 240
STOP_S = 15
SERVERS = ("kafka", "elasticsearch", "postgres")
ONCE = ("secrets", "upgrade")
"""Services that end before the others start."""


def services() -> dict[str, dict[str, Any]]:
    """What `docker compose up` starts: the services without a profile, merge keys resolved."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
    return {name: service for name, service in loaded.items() if "profiles" not in service}


def ordered(all_: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Services after those that they wait for, as compose starts them."""
    done: list[str] = []
    while len(done) < len(all_):
        ready = [n for n, s in all_.items() if n not in done and set(s.get("depends_on", {})) <= set(done)]
        assert ready, "services wait for each other"
        done.extend(ready)
    return done


class Composed:
    """The running set: of the file's services those that it `starts`. `url` is the API's."""

    def __init__(self, home: Path, addresses: list[str], **env: str) -> None:
        self.home = home
        self._services = services()
        self.starts = {*self._services} - {*SERVERS, *ONCE, "crawlers"}  # there is nothing to crawl
        self._processes: dict[str, list[subprocess.Popen[bytes]]] = {}
        self._ports: dict[int, int] = {}
        self._probed = ""
        self._secrets = home / "secrets"
        kafka, self._postgres, elasticsearch = addresses
        self._env = {
            "HUIYING_KAFKA": kafka,
            "HUIYING_ELASTICSEARCH": elasticsearch,
            "HUIYING_PREFIX": unique(),
            "HUIYING_SECRETS_DIR": str(self._secrets),
            "HUIYING_POLICY_DIR": str(home),
            "HUIYING_ALLOW_INWARD": '["127.0.0.0/8"]',
            **env,
        }
        self.url = ""

    def __enter__(self) -> Self:
        with ExitStack() as unless_all_are_well:
            unless_all_are_well.push(self)
            self._start_all()
            unless_all_are_well.pop_all()
        return self

    def _start_all(self) -> None:
        for name in ordered(self._services):
            if name in ONCE:
                self._run_once(name)
            elif name in self.starts:
                for _ in range(self._services[name].get("deploy", {}).get("replicas", 1)):
                    self.start(name)
        for name, processes in self._processes.items():
            for process in processes:
                self._await(name, process)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        everybody = [(name, p) for name, processes in self._processes.items() for p in processes if p.poll() is None]
        for _, process in everybody:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for name, process in everybody:
            self._await_end(name, process)

    def _await_end(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        """Wait for a process that was told to stop; where one that had to break off hung is printed."""
        status = process.wait(STOP_S)
        if status not in (0, -signal.SIGTERM):
            sys.stderr.write(f"{name} ended with {status}:\n{self.log_text(name)}\n")

    def start(self, name: str, skew_s: float = 0.0) -> "subprocess.Popen[bytes]":
        """Start one more process of a service; its clock may be so many seconds wrong."""
        (port,) = free_ports(1)
        if name == "api":
            self.url = f"http://127.0.0.1:{port}"
        with (self.home / f"{name}.log").open("ab") as out:
            process = subprocess.Popen(
                self._command(name, skew_s),
                cwd=ROOT,
                env=self.environment(name, HUIYING_PORT=str(port), HUIYING_HOST="127.0.0.1"),
                stdout=out,
                stderr=out,
            )
        self._processes.setdefault(name, []).append(process)
        self._ports[process.pid] = port
        return process

    def _command(self, name: str, skew_s: float) -> list[str]:
        args = self._services[name]["command"]
        if not skew_s:
            return command(*args)
        return [sys.executable, "-m", "tests.chaos.skewed", str(skew_s), *args]

    def running(self, name: str) -> "list[subprocess.Popen[bytes]]":
        """The processes of a service, the oldest first."""
        return self._processes[name]

    def kill(self, name: str) -> None:
        """kill -9 of one process of a service."""
        process = self._processes[name].pop()
        process.kill()
        process.wait()

    def stop(self, name: str, *, first: bool = False) -> None:
        """SIGTERM to the newest process of a service, or to its first; it has to end in time."""
        process = self._processes[name].pop(0 if first else -1)
        process.terminate()
        self._await_end(name, process)

    def revive(self) -> int:
        """Start again what ended by itself, as `restart: unless-stopped` does; how many those were."""
        ended = [(name, p) for name, processes in self._processes.items() for p in processes if p.poll() is not None]
        for name, process in ended:
            self._processes[name].remove(process)
            self.start(name)
        return len(ended)

    @property
    def prefix(self) -> str:
        """What names of topics and indices begin with."""
        return self._env["HUIYING_PREFIX"]

    def url_of(self, process: "subprocess.Popen[bytes]") -> str:
        """Where a process shows its health and metrics."""
        return f"http://127.0.0.1:{self._ports[process.pid]}"

    def _await(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        def otherwise() -> str:
            return f"{name} is not healthy: {self._probed}\n{self.log_text(name)}"

        def ready() -> bool:
            assert process.poll() is None, f"{name} ended: {process.returncode}\n{self.log_text(name)}"
            return self.healthy(process)

        until(ready, START_S, otherwise)

    def healthy(self, process: "subprocess.Popen[bytes]") -> bool:
        """Run the file's own health check against a process."""
        assert process.poll() is None, "it ended"
        test = self._services["api"]["healthcheck"]["test"]
        said = [part.replace("8400", str(self._ports[process.pid])) for part in test[1:]]
        probe = subprocess.run([sys.executable, *said[1:]], check=False, capture_output=True, text=True, timeout=10)
        self._probed = f"{probe.returncode} {probe.stdout}{probe.stderr[-500:]}"
        return probe.returncode == 0

    def environment(self, name: str, **more: str) -> dict[str, str]:
        """The service's environment with this machine's addresses."""
        given = {k: v for k, v in self._services[name]["environment"].items() if v is not None and "${" not in v}
        return environment(**{**given, **self._env, "HUIYING_DATA_DIR": str(self.home), **more})

    @property
    def salt(self) -> str:
        """The salt of author hashes that this deployment made for itself."""
        return (self._secrets / "huiying_salt").read_text(encoding="ascii")

    def token(self, role: str) -> str:
        """As an administrator makes it: `docker compose exec api huiying token create`."""
        args = command("token", "create", "--role", role)
        made = subprocess.run(
            args, cwd=ROOT, env=self.environment("api"), check=False, capture_output=True, text=True, timeout=60
        )
        assert made.returncode == 0, made.stderr
        return made.stdout.strip().splitlines()[-1]

    @contextmanager
    def client(self, role: str) -> Iterator[httpx.Client]:
        """An HTTP client with a token of that role."""
        headers = {"Authorization": f"Bearer {self.token(role)}"}
        with httpx.Client(base_url=self.url, headers=headers, timeout=30) as client:
            yield client

    def log_text(self, *names: str) -> str:
        """The end of what services have printed."""
        files = [self.home / f"{name}.log" for name in names or self._processes]
        return "\n".join(f"--- {f.name}\n{f.read_text(errors='replace')[-6000:]}" for f in files if f.exists())

    def _run_once(self, name: str) -> None:
        if name == "secrets":
            self._make_secrets()
            return
        args, env = command(*self._services[name]["command"]), self.environment(name)
        done = subprocess.run(args, cwd=ROOT, env=env, check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    def _make_secrets(self) -> None:
        args = command(*("secrets", self._secrets, *self._services["secrets"]["command"][2:]))
        subprocess.run(args, cwd=ROOT, env={**os.environ}, check=True, capture_output=True, timeout=60)
        (self._secrets / "huiying_postgres").chmod(0o600)
        (self._secrets / "huiying_postgres").write_text(self._postgres, encoding="ascii")
