"""`huiying import` where nothing else runs: it understands what it brought, and ends."""

import asyncio
from pathlib import Path

from app.commands.files import take, understand
from core.ports import PostQuery
from core.settings import Settings
from core.storage.sqlite import open_storage
from crawlers.files.mapping import guess_mapping
from crawlers.files.table import open_table

ROWS = ("1,滨江路的路灯坏了,2026-06-01 10:11", "2,小区停水两天了,2026-06-01 10:12")


async def test_an_import_ends_though_its_last_row_was_there_before(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("\n".join(("id,text,time", *ROWS, ROWS[0])), encoding="utf-8")
    chosen = Settings(data_dir=tmp_path / "data", encoder="off")
    table = open_table(file)
    mapping = guess_mapping(table.columns, table.sample())
    summary = await asyncio.to_thread(take, chosen, table, mapping, "mailbox", alone=True)
    assert (summary.accepted, summary.duplicate) == (2, 1)
    await asyncio.wait_for(understand(chosen), 200)
    storage = open_storage(tmp_path / "data")
    found = [f.post.text for f in storage.index.posts(PostQuery()).items]
    storage.close()
    assert found == ["小区停水两天了", "滨江路的路灯坏了"]
