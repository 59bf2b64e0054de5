"""The spool folder: what is renamed into it is taken once, what is no report is put aside with the reason, nothing is lost."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oncall.intake import NotNow, Received
from oncall.intake.spool import Spool

AT = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)
GOOD = b'{"summary": "Checkout is down"}'


class Taker:
    """Stands for the engine: takes each key once, can be full, and can die between its commit and the answer."""

    def __init__(self) -> None:
        self.taken: dict[str, Received] = {}
        self.full = False
        self.dies = False

    async def __call__(self, received: Received, key: str) -> str:
        """Takes a report."""
        if self.full:
            raise NotNow("disk full")
        self.taken.setdefault(key, received)
        if self.dies:
            raise KeyboardInterrupt
        return "paging"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A spool folder with its drawers."""
    for name in ("done", "rejected"):
        (tmp_path / name).mkdir()
    return tmp_path


def put(folder: Path, name: str, raw: bytes = GOOD) -> None:
    """Renames a finished file into the folder, as reporters do."""
    (folder / f".{name}").write_bytes(raw)
    (folder / f".{name}").rename(folder / name)


def scan(folder: Path, taker: Taker, times: int = 1) -> Spool:
    """Looks through the folder, by the same Spool each time."""
    spool = Spool(folder, taker, lambda: AT)

    async def look() -> None:
        for _ in range(times):
            await spool.scan()

    asyncio.run(look())
    return spool


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_taken_and_moved_to_done(folder: Path) -> None:
    taker = Taker()
    put(folder, "a.json")
    scan(folder, taker)
    assert [one.fact.summary for one in taker.taken.values()] == ["Checkout is down"]
    assert names(folder / "done") == ["a.json"]
    assert names(folder) == ["done", "rejected"]


def test_half_written_files_are_left_alone(folder: Path) -> None:
    taker = Taker()
    for name in (".a.json", "b.json.tmp", "c.part"):
        (folder / name).write_bytes(GOOD[:5])
    scan(folder, taker, times=3)
    assert taker.taken == {}
    assert {".a.json", "b.json.tmp", "c.part"} <= set(names(folder))


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\xff\xfe", "not text in UTF-8"),
        (b"hello", "not JSON"),
        (b"", "not JSON"),
        (b'{"summary": "x", "nonsense": 1}', "nonsense: is no field"),
        (b'{"summary": "' + b"x" * 65_536 + b'"}', "larger than 64 KiB"),
    ],
)
def test_what_is_no_report_is_put_aside_with_the_reason(folder: Path, raw: bytes, words: str) -> None:
    taker = Taker()
    put(folder, "a.json", raw)
    scan(folder, taker, times=2)
    assert taker.taken == {}
    assert names(folder / "rejected") == ["a.json", "a.json.reason.txt"]
    assert words in (folder / "rejected" / "a.json.reason.txt").read_text()


def test_a_file_that_is_written_in_place_is_taken_when_it_is_whole(folder: Path) -> None:
    taker = Taker()
    (folder / "a.json").write_bytes(GOOD[:10])
    spool = Spool(folder, taker, lambda: AT)

    async def write_slowly() -> None:
        await spool.scan()
        assert names(folder / "rejected") == []
        (folder / "a.json").write_bytes(GOOD)
        await spool.scan()

    asyncio.run(write_slowly())
    assert len(taker.taken) == 1
    assert names(folder / "done") == ["a.json"]


def test_links_folders_and_pipes_are_rejected_and_not_followed(folder: Path, tmp_path: Path) -> None:
    taker = Taker()
    outside = tmp_path.parent / "outside.json"
    outside.write_bytes(GOOD)
    (folder / "link.json").symlink_to(outside)
    (folder / "folder.json").mkdir()
    os.mkfifo(folder / "pipe.json")
    scan(folder, taker, times=2)
    assert taker.taken == {}
    assert {"link.json", "folder.json", "pipe.json"} <= set(names(folder / "rejected"))
    assert "symbolic link" in (folder / "rejected" / "link.json.reason.txt").read_text()
    assert outside.read_bytes() == GOOD


def test_a_full_store_leaves_the_file_for_later(folder: Path) -> None:
    taker = Taker()
    taker.full = True
    put(folder, "a.json")
    scan(folder, taker)
    assert "a.json" in names(folder)
    taker.full = False
    scan(folder, taker)
    assert len(taker.taken) == 1
    assert names(folder / "done") == ["a.json"]


def test_a_crash_between_take_and_move_makes_one_incident(folder: Path) -> None:
    taker = Taker()
    taker.dies = True
    put(folder, "a.json")
    with pytest.raises(KeyboardInterrupt):
        scan(folder, taker)
    assert "a.json" in names(folder)
    taker.dies = False
    scan(folder, taker)
    assert len(taker.taken) == 1
    assert names(folder / "done") == ["a.json"]


def test_the_same_name_and_content_on_another_night_is_another_emergency(folder: Path) -> None:
    taker = Taker()
    for second in (1, 2):
        put(folder, "alarm.json")
        os.utime(folder / "alarm.json", ns=(second, second))
        scan(folder, taker)
    assert len(taker.taken) == 2
    assert names(folder / "done") == ["alarm.2.json", "alarm.json"]


def test_the_watcher_takes_a_file_that_comes_while_it_runs(folder: Path) -> None:
    taker = Taker()
    spool = Spool(folder / "new", taker, lambda: AT)

    async def drop() -> None:
        running = asyncio.create_task(spool.run())
        async with asyncio.timeout(10):
            while not (folder / "new" / "rejected").is_dir():  # noqa: ASYNC110 -- what is waited for happens in another process or a library
                await asyncio.sleep(0.01)
            put(folder / "new", "a.json")
            while not taker.taken:  # noqa: ASYNC110 -- what is waited for happens in another process or a library
                await asyncio.sleep(0.01)
        spool.stop()
        await running

    asyncio.run(drop())
    assert names(folder / "new" / "done") == ["a.json"]
