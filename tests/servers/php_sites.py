"""Real sites in PHP, as Debian packages them: WordPress with its MariaDB, and MediaWiki on SQLite."""

import getpass
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import ClassVar

from tests.servers.process import Server, Unavailable
from tests.servers.sites import Site

PACKAGES = (
    "php-cli", "php-mysql", "php-sqlite3", "php-xml", "php-mbstring", "php-intl", "mariadb-server",
    "wordpress", "wordpress-theme-twentytwentythree", "mediawiki",
)  # fmt: skip
SHARED = Path("/usr/share")


def need(*paths: Path) -> None:
    """Installs `PACKAGES` when one of these is not there, as root may.

    Raises:
        Unavailable: They cannot be installed; the message says by which command a person can.
    """
    if all(path.exists() for path in paths):
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES]
    for step in (["apt-get", "update", "-qq"], command):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(step, env=quiet, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode:
            raise Unavailable(f"this needs Debian's packages, `{' '.join(command)}`: {done.stderr[-500:]}")


def run(*command: str | Path, folder: Path, text: str = "") -> str:
    """What a command prints; raises `RuntimeError` with the end of its words when it fails."""
    done = subprocess.run(
        command, cwd=folder, input=text, capture_output=True, text=True, encoding="utf-8", check=False, timeout=240
    )
    if done.returncode:
        raise RuntimeError((done.stdout + done.stderr)[-2000:])
    return done.stdout


class MariaDb(Server):
    """A database that is reached by its socket alone; whoever owns its folder is `root` in it."""

    kind = "mariadb"
    variable = "HUIYING_TEST_MARIADB"
    last_signal: ClassVar[signal.Signals] = signal.SIGTERM

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.home / "s.sock"

    def prepare(self) -> None:
        need(Path("/usr/sbin/mariadbd"))
        me = f"--user={getpass.getuser()}"
        method = "--auth-root-authentication-method=normal"
        run("mariadb-install-db", "--no-defaults", me, f"--datadir={self.home / 'data'}", method, folder=self.home)

    def command(self) -> list[str]:
        return [
            "/usr/sbin/mariadbd",
            "--no-defaults",
            f"--user={getpass.getuser()}",
            f"--datadir={self.home / 'data'}",
            f"--socket={self.socket}",
            f"--pid-file={self.home / 'pid'}",
            "--skip-networking",
            "--innodb-buffer-pool-size=64M",
        ]

    def ready(self) -> bool:
        try:
            self.ask("select 1")
        except RuntimeError:
            return False
        return True

    def ask(self, sql: str) -> str:
        """What a statement gives."""
        return run("mariadb", "--no-defaults", f"--socket={self.socket}", "-uroot", "-e", sql, folder=self.home)


class PhpSite(Site):
    """A site that PHP's own server shows."""

    last_signal: ClassVar[signal.Signals] = signal.SIGKILL  # its workers hear of no other

    @property
    def web(self) -> Path:
        """The folder of its program."""
        return self.home / "web"

    def command(self) -> list[str]:
        return ["env", "PHP_CLI_SERVER_WORKERS=2", "php", "-S", f"127.0.0.1:{self.port}", "-t", str(self.web)]


class WordPress(PhpSite):
    """A site with posts and comments; `php` runs a piece of code within it."""

    kind = "wordpress"
    variable = "HUIYING_TEST_WORDPRESS"
    looked_at = "/robots.txt"
    # Without it every address with a dot in it is looked for as a file.
    router: ClassVar[str] = """<?php
$file = __DIR__ . '/web' . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (is_file($file)) return false;
chdir(__DIR__ . '/web');
$_SERVER['SCRIPT_NAME'] = '/index.php';
require __DIR__ . '/web/index.php';
"""

    def __init__(self, address: str | None = None) -> None:
        super().__init__(address)
        self.database = MariaDb()

    def prepare(self) -> None:
        super().prepare()
        need(SHARED / "wordpress" / "wp-content" / "themes" / "twentytwentythree", Path("/usr/bin/php"))
        shutil.copytree(SHARED / "wordpress", self.web, ignore=shutil.ignore_patterns("wp-config.php"))
        (self.home / "router.php").write_text(self.router, encoding="utf-8")
        self.database.__enter__()
        self.database.ask("create database wp character set utf8mb4")
        config = _WP_CONFIG.format(socket=self.database.socket, url=self.url)
        (self.web / "wp-config.php").write_text(config, encoding="utf-8")
        self.php(
            "require ABSPATH . 'wp-admin/includes/upgrade.php';"
            "wp_install('云湾论坛', 'admin', 'a@example.invalid', true, '', 'pw');"
            "switch_theme('twentytwentythree');"
            "update_option('permalink_structure', '/p/%post_id%'); flush_rewrite_rules();"
            "wp_delete_post(1, true); wp_delete_post(2, true);",
            before="define('WP_INSTALLING', true);",
        )

    def command(self) -> list[str]:
        return [*super().command(), str(self.home / "router.php")]

    def start(self) -> None:
        if not self.database.running:
            self.database.start()
        super().start()

    def kill(self) -> None:
        """Site and database, both at once."""
        super().kill()
        self.database.kill()

    def close(self) -> None:
        super().close()
        self.database.close()

    def php(self, code: str, *texts: str, before: str = "") -> str:
        """What the code prints; `$texts` are the texts."""
        given = "$texts = json_decode(stream_get_contents(STDIN));"
        program = f"{before} require 'wp-load.php'; {given} {code}"
        return run("php", "-r", program, folder=self.web, text=json.dumps(texts))

    def publish(self, *titles: str) -> list[int]:
        """A post for each title, a second apart; their numbers."""
        made = self.php(
            f"{_LATER} foreach ($texts as $t) echo wp_insert_post(['post_title' => $t, 'post_status' => 'publish',"
            " 'post_date' => later('post'), 'post_content' => \"<p>{$t}：三天没亮了。</p>\"]), ' ';",
            *titles,
        )
        return [int(number) for number in made.split()]

    def comment(self, post: int, *texts: str, parent: int = 0) -> list[int]:
        """Comments on a post, a second apart and shown at once; their numbers."""
        made = self.php(
            f"{_LATER} foreach ($texts as $t) echo wp_insert_comment(['comment_post_ID' => {post},"
            f" 'comment_parent' => {parent}, 'comment_content' => $t, 'comment_author' => '热心市民',"
            " 'comment_date' => later('comment'), 'comment_approved' => 1]), ' ';",
            *texts,
        )
        return [int(number) for number in made.split()]


# A page of a list that is ordered by time tells nothing of what has the same second as its last row.
_LATER = """function later($what) {
  $at = get_option("later_$what", time() - 3600) + 1; update_option("later_$what", $at); return gmdate('Y-m-d H:i:s', $at);
}"""
_WP_CONFIG = """<?php
define('DB_NAME', 'wp'); define('DB_USER', 'root'); define('DB_PASSWORD', ''); define('DB_HOST', 'localhost:{socket}');
define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', ''); $table_prefix = 'wp_';
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $k) {{ define($k . '_KEY', 'k'); define($k . '_SALT', 's'); }}
define('WP_HOME', '{url}'); define('WP_SITEURL', '{url}');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""


class MediaWiki(PhpSite):
    """A wiki in Chinese; `write` makes and changes pages, `delete` takes them away."""

    kind = "mediawiki"
    variable = "HUIYING_TEST_MEDIAWIKI"
    looked_at = "/api.php?action=query&meta=siteinfo&format=json"

    @property
    def web(self) -> Path:
        return SHARED / "mediawiki"

    def prepare(self) -> None:
        super().prepare()
        need(self.web / "index.php", Path("/usr/bin/php"))
        said = {"dbtype": "sqlite", "dbpath": self.home / "data", "dbname": "mw", "server": self.url, "lang": "zh-cn"}
        options = [part for name, value in said.items() for part in (f"--{name}", str(value))]
        names = ["--scriptpath", "", "--confpath", str(self.home), "--pass", "Admin-pass-123456", "云湾百科", "admin"]
        run("php", "maintenance/install.php", *options, *names, folder=self.web)

    def command(self) -> list[str]:
        return ["env", self._configured, *super().command()]

    def write(self, title: str, text: str) -> None:
        """A new text of a page, which is made where it is not there."""
        self._maintain("edit", "-u", "Admin", "-s", "补充", title, text=text)

    def delete(self, title: str) -> None:
        """Takes a page away."""
        (self.home / "titles").write_text(title, encoding="utf-8")
        self._maintain("deleteBatch", "-u", "Admin", str(self.home / "titles"))

    @property
    def _configured(self) -> str:
        return f"MW_CONFIG_FILE={self.home / 'LocalSettings.php'}"

    def _maintain(self, script: str, *options: str, text: str = "") -> None:
        run("env", self._configured, "php", f"maintenance/{script}.php", *options, folder=self.web, text=text)
