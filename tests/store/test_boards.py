"""Which incident Slack shows wrongly, and since when: new ones first, nothing twice, nothing forgotten, and an older file grows the table."""

from __future__ import annotations

from datetime import timedelta

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from oncall.core.messages import Contact
from oncall.store import boards, incidents
from oncall.store.boards import Shown
from oncall.store.codec import write
from oncall.store.migrate import MIGRATIONS, upgrade
from oncall.store.opening import connect
from tests.core.escalation.player import Player
from tests.simulation.world import START
from tests.store.made import memory

LATER = START + timedelta(seconds=5)


def names(found: list[Shown]) -> list[str]:
    """Which incidents are behind, in order."""
    return [one.incident for one in found]


def test_what_is_not_posted_yet_comes_before_what_has_to_be_edited() -> None:
    """A colleague who sees a new emergency late loses more than one who sees an old one change late."""
    with memory() as conn:
        boards.touch(conn, "1001", 1, START)
        boards.posted(conn, "1001", "C1/1.0")
        boards.touch(conn, "1002", 1, LATER)
        assert names(boards.behind(conn, LATER, 10)) == ["1002", "1001"]
        assert names(boards.behind(conn, START, 10)) == ["1001"]


def test_many_changes_are_one_row_that_wants_the_newest() -> None:
    with memory() as conn:
        for turn in (1, 2, 3):
            boards.touch(conn, "1001", turn, START)
        (row,) = boards.behind(conn, START, 10)
        assert (row.wanted_turn, row.shown_turn, row.posted) == (3, 0, "")


def test_shown_with_its_whole_timeline_it_is_left_alone_until_something_happens() -> None:
    with memory() as conn:
        boards.touch(conn, "1001", 3, START)
        boards.posted(conn, "1001", "C1/1.0")
        boards.shown(conn, "1001", 3, 3, LATER)
        assert boards.behind(conn, START + timedelta(days=300), 10) == []
        boards.touch(conn, "1001", 4, LATER)
        (row,) = boards.behind(conn, LATER, 10)
        assert (row.posted, row.shown_turn, row.wanted_turn, row.thread_seq) == ("C1/1.0", 3, 4, 3)


def test_what_happened_while_it_was_being_shown_is_not_forgotten() -> None:
    """The message was made of turn 3 when turn 4 came."""
    with memory() as conn:
        boards.touch(conn, "1001", 3, START)
        boards.touch(conn, "1001", 4, START)
        boards.shown(conn, "1001", 3, 3, LATER)
        assert boards.behind(conn, START, 10) == []
        assert names(boards.behind(conn, LATER, 10)) == ["1001"]


def test_lines_that_the_thread_lacks_keep_it_behind() -> None:
    with memory() as conn:
        boards.touch(conn, "1001", 3, START)
        boards.shown(conn, "1001", 3, 1, LATER)
        (row,) = boards.behind(conn, LATER, 10)
        assert (row.shown_turn, row.thread_seq) == (3, 1)


def test_what_failed_waits_for_its_time_whatever_happens_meanwhile() -> None:
    """A Slack that is down must not be asked with every decision of a busy night."""
    with memory() as conn:
        boards.touch(conn, "1001", 1, START)
        boards.failed(conn, "1001", LATER)
        boards.touch(conn, "1001", 2, START)
        assert boards.behind(conn, START, 10) == []
        (row,) = boards.behind(conn, LATER, 10)
        assert (row.failures, row.wanted_turn) == (1, 2)
        boards.shown(conn, "1001", 2, 2, LATER)
        boards.touch(conn, "1001", 3, LATER)
        assert boards.behind(conn, LATER, 10)[0].failures == 0


def keep_as_before(conn: Connection, player: Player) -> None:
    """Writes the row of an incident as the first version did: with the columns that were there then."""
    incident = player.incident
    row = {"id": incident.id, "number": 1001, "poisoned": False, **incidents.columns(incident, START, write(incident))}
    there = {column["name"] for column in inspect(conn).get_columns("incidents")}
    names_there = sorted(there & set(row))
    values = ", ".join(f":{name}" for name in names_there)
    conn.execute(text(f"INSERT INTO incidents ({', '.join(names_there)}) VALUES ({values})"), {name: row[name] for name in names_there})  # noqa: S608 -- our own column names


def test_a_file_of_the_version_before_keeps_its_incidents_and_grows_the_table() -> None:
    """The step only adds; the same file is read with its incidents."""
    conn = connect(":memory:")
    try:
        with conn.begin():
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = conn
            command.upgrade(config, "0002")
            keep_as_before(conn, Player())
            upgrade(conn)
            assert incidents.load(conn, "1001") is not None
            assert incidents.of_contact(conn, Contact(phone="+31655501234"), "", closed_since=START) != []
            boards.touch(conn, "1001", 1, START)
            assert names(boards.behind(conn, START, 10)) == ["1001"]
    finally:
        conn.close()
        conn.engine.dispose()
