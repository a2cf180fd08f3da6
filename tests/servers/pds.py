"""A real AT Protocol server (PDS) and its registry of identities, from npm; built once, into `~/.cache/huiying-test-pds`."""

import fcntl
import json
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

import httpx

from tests.servers.process import Unavailable, free_ports
from tests.servers.sites import Site

ARCHITECTURE = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
NODE = f"node-linux-{ARCHITECTURE}"
PACKAGES = {NODE: "22.23.3", "@atproto/pds": "0.5.35", "@did-plc/server": "0.0.1"}
"""A PDS needs Node.js 22. In 24.21 better-sqlite3 crashes: its object wrap takes a hook away where no environment is left."""
KEPT = Path.home() / ".cache" / "huiying-test-pds" / "-".join(PACKAGES.values())

RUN = """import { PDS, envToCfg, envToSecrets, readEnv } from '@atproto/pds'
import plc from '@did-plc/server'
await plc.PlcServer.create({ db: plc.Database.mock(), port: Number(process.argv[2]) }).start()
const given = readEnv()
await (await PDS.create(envToCfg(given), envToSecrets(given))).start()
"""


def built() -> Path:
    """The folder with the program and its Node.js; the first time it takes two minutes and half a gigabyte.

    Raises:
        Unavailable: It cannot be fetched or built, with the end of npm's words.
    """
    lock = Path(tempfile.gettempdir()) / "huiying-test-pds.lock"
    with lock.open("w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (KEPT / "run.mjs").exists():
            KEPT.mkdir(parents=True, exist_ok=True)
            package = {"private": True, "type": "module", "dependencies": PACKAGES}
            (KEPT / "package.json").write_text(json.dumps(package), encoding="utf-8")
            node = KEPT / "node_modules" / NODE
            _npm("install", "--ignore-scripts", "--no-audit", "--no-fund")
            _npm("rebuild", "better-sqlite3", f"--nodedir={node}", "--build-from-source", "--ignore-scripts=false")
            (KEPT / "run.mjs").write_text(RUN, encoding="utf-8")
    return KEPT


def _npm(*command: str) -> None:
    path = f"{KEPT / 'node_modules' / NODE / 'bin'}:{os.environ['PATH']}"
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("this needs npm")
    done = subprocess.run(
        [npm, *command],
        cwd=KEPT,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    if done.returncode:
        raise Unavailable(f"npm {command[0]}: {done.stderr[-1000:]}")


class Pds(Site):
    """Accounts that post; identities live in a registry beside it that forgets them when it ends."""

    kind = "pds"
    variable = "HUIYING_TEST_PDS"
    looked_at = "/xrpc/_health"

    def prepare(self) -> None:
        self.port, self._registry = free_ports(2)
        self._program = built()
        (self.home / "blobs").mkdir()

    def command(self) -> list[str]:
        said = {
            "HOSTNAME": "localhost",
            "PORT": self.port,
            "DATA_DIRECTORY": self.home,
            "BLOBSTORE_DISK_LOCATION": self.home / "blobs",
            "PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX": "1" * 64,
            "JWT_SECRET": "jwt",
            "ADMIN_PASSWORD": "admin",
            "DPOP_SECRET": "2" * 64,
            "DID_PLC_URL": f"http://127.0.0.1:{self._registry}",
            "INVITE_REQUIRED": 0,
            "DEV_MODE": 1,
            "DISABLE_SSRF_PROTECTION": 1,
            "SERVICE_HANDLE_DOMAINS": ".test",
        }
        node = self._program / "node_modules" / NODE / "bin" / "node"
        given = [f"PDS_{name}={value}" for name, value in said.items()]
        return ["env", *given, "LOG_ENABLED=0", str(node), str(self._program / "run.mjs"), str(self._registry)]

    def join(self, name: str) -> "Account":
        """A new account."""
        said = {"email": f"{name}@example.test", "handle": f"{name}.test", "password": "pw-123456"}
        answer = httpx.post(f"{self.url}/xrpc/com.atproto.server.createAccount", json=said, timeout=30)
        answer.raise_for_status()
        made = answer.json()
        return Account(self, made["did"], made["accessJwt"])


class Account:
    """Somebody who posts."""

    def __init__(self, server: Pds, did: str, token: str) -> None:
        self._server, self.did, self._token = server, did, token

    def post(self, text: str, answers: dict[str, str] | None = None) -> dict[str, str]:
        """A new post, or an answer to one: its `uri` and `cid`."""
        reply = {"reply": {"root": answers, "parent": answers}} if answers else {}
        made: dict[str, str] = self._ask("createRecord", record=_record(text) | reply)
        return {name: made[name] for name in ("uri", "cid")}

    def edit(self, post: dict[str, str], text: str) -> None:
        """Another text in its place."""
        self._ask("putRecord", rkey=post["uri"].rpartition("/")[2], record=_record(text))

    def delete(self, post: dict[str, str]) -> None:
        """Takes a post away."""
        self._ask("deleteRecord", rkey=post["uri"].rpartition("/")[2])

    def _ask(self, method: str, **more: object) -> dict[str, str]:
        answer = httpx.post(
            f"{self._server.url}/xrpc/com.atproto.repo.{method}",
            json={"repo": self.did, "collection": "app.bsky.feed.post", **more},
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=30,
        )
        answer.raise_for_status()
        found: dict[str, str] = answer.json()
        return found


def _record(text: str) -> dict[str, object]:
    return {"$type": "app.bsky.feed.post", "text": text, "langs": ["zh"], "createdAt": "2026-11-23T10:00:00Z"}
