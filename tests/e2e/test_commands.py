"""The commands as a shell user meets them: files in, lines out, errors for persons."""

import csv
import gzip
import io
import json
import os
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.codec import decode
from core.ports import PostQuery
from core.records import Rejected
from core.storage.sqlite import open_storage
from core.topics import Topic
from tests.e2e.product import ROOT, WITH_ENCODER, environment, huiying
from tests.office_files import workbook

ROWS = [
    (
        "1",
        "滨江路路灯不亮",
        "滨江路的路灯坏了一个星期，晚上很不安全，有事打13800138000",
        "2026-06-01 10:11",
        "网友甲",
        "3",
    ),
    ("2", "小区停水", "湖畔雅苑停水两天了，物业电话打不通", "2026-06-01 10:12", "网友乙", "1.2万"),
    ("3", "", "", "2026-06-01 10:13", "网友丙", "0"),
    ("4", "谢谢", "感谢社区医院的医生，态度特别好", "2026-06-01 10:14", "网友丁", "5"),
]
HEADER = ("编号", "主题", "留言详情", "留言时间", "留言用户", "点赞数")


def write_csv(path: Path, encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([HEADER, *ROWS])
    return path


def write_xlsx(path: Path) -> Path:
    path.write_bytes(workbook([HEADER, *ROWS]))
    return path


def write_lines(path: Path) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) + "\n" for row in ROWS)
    return path


FILES = {
    "utf-8.csv": write_csv,
    "gbk.csv": lambda path: write_csv(path, "gb18030"),
    "utf-16.csv": lambda path: write_csv(path, "utf-16"),
    "table.xlsx": write_xlsx,
    "lines.jsonl.gz": write_lines,
}


@pytest.mark.parametrize("name", FILES)
def test_a_table_of_any_kind_becomes_the_same_posts(name: str, tmp_path: Path) -> None:
    file = FILES[name](tmp_path / name)
    done = huiying("import", file, "--data-dir", tmp_path / "data", "--source", "mailbox")
    assert done.returncode == 0, done.stderr
    assert "接收 3" in done.stderr
    assert "拒绝 1" in done.stderr
    assert "empty" in done.stderr
    storage = open_storage(tmp_path / "data")
    found = [f.post for f in storage.index.posts(PostQuery()).items]
    storage.close()
    assert [p.title for p in found] == ["谢谢", "小区停水", "滨江路路灯不亮"]
    assert found[1].likes == 12_000
    assert "13800138000" not in found[2].text
    assert found[2].masks == {"mobile": 1}
    assert found[2].at.isoformat() == "2026-06-01T02:11:00+00:00"
    (refusals,) = (tmp_path / "data" / "import").iterdir()
    assert json.loads(refusals.read_text())["code"] == "empty"


def test_an_import_goes_on_where_it_stopped_and_a_second_one_adds_nothing(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv")
    huiying("import", file, "--data-dir", tmp_path / "data")
    again = huiying("import", file, "--data-dir", tmp_path / "data")
    assert "接收 0" in again.stderr
    with file.open("a", encoding="utf-8", newline="") as more:
        csv.writer(more).writerow(("5", "噪音", "半夜打桩睡不着", "2026-06-01 10:15", "网友戊", "1"))
    longer = huiying("import", file, "--data-dir", tmp_path / "data")
    assert "接收 1" in longer.stderr
    assert "重复 3" in longer.stderr


def bomb() -> bytes:
    """A workbook of a few kilobytes whose sheet unpacks to two gigabytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(128):
                sheet.write(b" " * 2**24)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", lambda: b""),
        ("photo.csv", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40),
        ("numbers.csv", lambda: b"a,b\n1,2\n3,4\n"),
        ("not.xlsx", lambda: b"PK\x03\x04 but not really"),
        ("bomb.xlsx", bomb),
        ("broken.jsonl", lambda: b'{"text": \n'),
    ],
)
def test_a_file_that_is_no_table_is_a_message_and_a_line_in_rejected(
    name: str, content: Callable[[], bytes], tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(content())
    done = huiying("import", file, "--data-dir", tmp_path / "data")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert name in done.stderr
    storage = open_storage(tmp_path / "data")
    (message,) = storage.log.read(Topic.REJECTED, 0, 10)
    storage.close()
    refused = decode(message.value, Rejected)
    assert name in refused.origin
    assert refused.reason in done.stderr
    assert huiying("import", "--dry-run", file, "--data-dir", tmp_path / "other").returncode != 0
    assert not (tmp_path / "other").exists(), "a dry run writes nothing"


def test_a_broken_row_leaves_its_reason_in_the_file_and_in_rejected_and_its_neighbours_come_in(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(
        "标题,正文\n路灯,滨江路的路灯坏了\n多了,一列,又一列,再一列\n停水,湖畔雅苑停水两天了\n", encoding="utf-8"
    )
    done = huiying("import", file, "--data-dir", tmp_path / "data")
    assert "接收 2" in done.stderr, done.stderr
    (refusals,) = (tmp_path / "data" / "import").iterdir()
    assert json.loads(refusals.read_text())["row"] == 3
    storage = open_storage(tmp_path / "data")
    (message,) = storage.log.read(Topic.REJECTED, 0, 10)
    storage.close()
    assert json.loads(message.value)["code"] == "ragged_row"
    assert "row 3" in json.loads(message.value)["origin"]


def test_a_column_can_be_named_by_the_user(tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("k,w\n1,滨江路的路灯坏了很久了\n2,没有人来修这盏路灯\n", encoding="utf-8")
    done = huiying("import", file, "--data-dir", tmp_path / "data", "--map", "w=text", "--map", "k=id")
    assert "接收 2" in done.stderr, done.stderr
    wrong = huiying("import", file, "--data-dir", tmp_path / "data", "--map", "w=mood")
    assert wrong.returncode != 0
    assert "mood" in wrong.stderr


LINES = [
    {"id": "a", "text": "湖畔雅苑停水两天了，太气人了！", "at": "2026-06-01T10:00:00+08:00"},
    {"id": 7, "text": "感谢社区医院的医生，服务特别好", "at": "2026-06-01T10:01:00+08:00"},
    {"id": "c", "text": ""},
    {"id": "d", "text": "湖畔雅苑停水两天了，太气人了！", "at": "2026-06-01T10:02:00+08:00"},
]


def piped(command: str, data: bytes, *args: object) -> "subprocess.CompletedProcess[str]":
    return huiying(command, *args, input=data.decode("utf-8", "surrogateescape"), errors="surrogateescape")


def test_label_answers_every_line_with_the_promised_fields() -> None:
    data = b"".join(json.dumps(line).encode() + b"\n" for line in LINES) + b"{broken\n"
    done = piped("label", data)
    assert done.returncode == 0, done.stderr
    got = [json.loads(line) for line in done.stdout.splitlines()]
    good = {line["id"]: line for line in got if "error" not in line}
    assert set(good) == {"a", 7, "d"}
    assert {line["id"]: line["code"] for line in got if "error" in line} == {"c": "empty", 5: "broken_json"}
    one = good["a"]
    assert {"lang", "sentiment", "emotion", "domain", "intent", "offensive", "places", "risk", "reasons"} <= set(one)
    assert one["sentiment"]["label"] == "negative"
    assert set(one["sentiment"]["probs"]) == {"negative", "neutral", "positive"}
    assert set(one["emotion"]["probs"]) == {"angry", "fear", "happy", "neutral", "sad", "surprise"}
    assert abs(sum(one["sentiment"]["probs"].values()) - 1) < 1e-3
    assert set(one["offensive"]) == {"label", "prob", "unsure"}
    assert good[7]["sentiment"]["label"] == "positive"


def test_label_says_which_tier_answered_and_the_encoder_can_be_turned_off() -> None:
    texts = ["居民楼着火了，消防车还没到", "今天去图书馆借了两本书", "哈哈哈哈开心死了，今天真是太棒了，谢谢大家[心]"]
    data = b"".join(json.dumps({"id": n, "text": text}).encode() + b"\n" for n, text in enumerate(texts))

    def tiers(**env: str) -> list[list[str]]:
        done = huiying("label", input=data.decode(), env=environment(**env))
        assert done.returncode == 0, done.stderr
        given = [json.loads(line)["model"].split("+") for line in done.stdout.splitlines()]
        return [[version.partition("-")[0] for version in versions] for versions in given]

    assert tiers(**WITH_ENCODER)[0] == ["fast", "chinese"]
    assert tiers(**WITH_ENCODER)[2] == ["fast"]
    assert tiers() == [["fast"]] * 3
    wrong = huiying("label", input=data.decode(), env=environment(HUIYING_ENCODER="/nowhere"))
    assert wrong.returncode != 0
    assert "/nowhere is no encoder" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_cluster_puts_posts_about_one_thing_together_and_lists_incidents(tmp_path: Path) -> None:
    water = [f"湖畔雅苑停水{n}小时了，{end}" for n, end in enumerate(["没人管", "太气人", "求助", "怎么办", "物业呢"])]
    other = ["今天天气真好适合爬山", "新开的面馆味道不错", "孩子期末考试考得很好"]
    texts = [t for pair in zip(water, [*other, "", ""], strict=True) for t in pair if t]
    data = b"".join(
        json.dumps({"id": n, "text": t, "at": f"2026-06-01T10:{n:02d}:00+08:00"}).encode() + b"\n"
        for n, t in enumerate(texts)
    )
    done = piped("cluster", data, "--incidents", tmp_path / "incidents.jsonl")
    assert done.returncode == 0, done.stderr
    last = {line["id"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert set(last) == set(range(len(texts)))
    together = {last[n]["incident"] for n, t in enumerate(texts) if "停水" in t}
    assert len(together) == 1
    assert None not in together
    assert all(last[n]["incident"] not in together for n, t in enumerate(texts) if "停水" not in t)
    assert all(line["known_at"] for line in last.values() if line["incident"])
    assert (tmp_path / "incidents.jsonl").exists()


def test_an_empty_input_gives_an_empty_output() -> None:
    for command in ("label", "cluster"):
        done = piped(command, b"")
        assert (done.returncode, done.stdout) == (0, "")


def test_doctor_finds_a_healthy_office_healthy_and_names_what_is_wrong(tmp_path: Path) -> None:
    good = huiying("doctor", "--data-dir", tmp_path / "data")
    assert good.returncode == 0, good.stdout + good.stderr
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "clocks.yaml").write_text("clocks:\n- {kind: x, limit: soon}\n")
    env = environment(HUIYING_POLICY_DIR=str(tmp_path / "policy"))
    bad = huiying("doctor", "--data-dir", tmp_path / "data", env=env)
    assert bad.returncode == 1
    assert "clocks.yaml, line 2" in bad.stdout


def test_a_backup_restores_into_an_empty_directory_and_nowhere_else(tmp_path: Path) -> None:
    huiying("import", write_csv(tmp_path / "a.csv"), "--data-dir", tmp_path / "data")
    assert huiying("backup", tmp_path / "b.tar.gz", "--data-dir", tmp_path / "data").returncode == 0
    assert huiying("restore", tmp_path / "b.tar.gz", "--data-dir", tmp_path / "new").returncode == 0
    storage = open_storage(tmp_path / "new")
    assert len(storage.index.posts(PostQuery()).items) == 3
    storage.close()
    assert (tmp_path / "new" / "salt").read_text() == (tmp_path / "data" / "salt").read_text()
    refused = huiying("restore", tmp_path / "b.tar.gz", "--data-dir", tmp_path / "new")
    assert refused.returncode == 2
    assert "not empty" in refused.stderr


def test_two_servers_on_one_directory_are_refused_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    foreign = huiying("serve", "--data-dir", tmp_path, "--port", 0)
    assert foreign.returncode == 2
    assert "thesis.txt" in foreign.stderr


def test_serve_copies_an_older_directory_before_it_touches_it(tmp_path: Path) -> None:
    open_storage(tmp_path / "data").close()
    with closing(sqlite3.connect(tmp_path / "data" / "huiying.db")) as db:
        db.execute("UPDATE alembic_version SET version_num = '0000_since_0000'")  # older than the first
        db.commit()
    other = huiying("token", "create", "--role", "viewer", "--data-dir", tmp_path / "data")
    assert "start `huiying serve`" in other.stderr
    done = huiying("serve", "--data-dir", tmp_path / "data", "--port", 0)
    assert (tmp_path / "data" / "huiying-0000_since_0000.db").exists()
    assert done.stderr.startswith("huiying: no upgrade leads from 0000_since_0000")


def test_a_wrong_setting_is_named() -> None:
    done = huiying("token", "create", "--role", "viewer", env=environment(HUIYING_PORT="ninety"))
    assert done.returncode == 2
    assert "HUIYING_PORT" in done.stderr
    looked = huiying("doctor", env=environment(HUIYING_PORT="ninety"))
    assert looked.returncode == 1
    assert looked.stdout.startswith("WRONG settings: HUIYING_PORT")


def test_a_token_is_printed_alone_on_the_last_line(tmp_path: Path) -> None:
    done = huiying("token", "create", "--role", "viewer", "--data-dir", tmp_path / "data")
    assert len(done.stdout.strip().splitlines()) == 1
    assert len(done.stdout.strip()) >= 40


def test_it_runs_from_any_folder_and_never_writes_into_it(tmp_path: Path) -> None:
    env = environment() | {"PYTHONPATH": os.pathsep.join([str(ROOT)])}
    done = huiying("doctor", "--data-dir", tmp_path / "data", cwd=tmp_path / "..", env=env)
    assert done.returncode == 0, done.stdout + done.stderr


FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>民生</title>
<item><guid>1</guid><title>湖畔雅苑停水</title><description>湖畔雅苑停水两天，居民反映强烈。</description>
<pubDate>Mon, 01 Jun 2026 10:00:00 +0800</pubDate><link>https://news.example/1</link></item>
<item><guid>2</guid><title>路灯修好了</title><description>滨江路的路灯昨晚恢复照明。</description></item>
</channel></rss>"""


def test_a_feed_is_collected_once_and_not_again_when_it_has_not_changed(httpserver: HTTPServer, tmp_path: Path) -> None:
    asked: list[str | None] = []

    def answer(request: Request) -> Response:
        asked.append(request.headers.get("If-None-Match"))
        assert "Huiying" in request.headers["User-Agent"]
        if request.headers.get("If-None-Match") == '"v1"':
            return Response(status=304)
        return Response(FEED, headers={"ETag": '"v1"', "Content-Type": "application/rss+xml"})

    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nAllow: /\n", content_type="text/plain")
    httpserver.expect_request("/rss.xml").respond_with_handler(answer)
    env = environment(HUIYING_ALLOW_INWARD='["127.0.0.0/8"]')
    url, data = httpserver.url_for("/rss.xml"), tmp_path / "data"
    first = huiying("crawl", url, "--data-dir", data, env=env)
    assert first.returncode == 0, first.stderr
    assert "accepted 2" in first.stderr
    second = huiying("crawl", "--data-dir", data, env=env)
    assert "not_modified" in second.stderr
    assert asked == [None, '"v1"']
    storage = open_storage(data)
    assert storage.log.end(Topic.POSTS_RAW) == 2
    storage.close()


def test_a_feed_inside_the_network_is_refused_unless_the_operator_allowed_it(tmp_path: Path) -> None:
    done = huiying("crawl", "http://127.0.0.1:9/rss.xml", "--data-dir", tmp_path / "data")
    assert "inward_address" in done.stderr
