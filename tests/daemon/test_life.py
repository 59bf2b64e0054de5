"""The daemon's life as a process: it pages over HTTP and text, stops in time, survives kill -9 and bad edits, and is alone."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from oncall.core.schedule import on_call
from oncall.handbook import read
from tests.daemon.process import CUSTOMER, REPORT, Machine, eventually, on_machine


def test_a_report_rings_and_a_reply_acknowledges(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        await machine.start()
        answer = await machine.report()
        number, code = await machine.page()
        assert await machine.sandbox.reply(number, code) == 200
        await machine.text(number, "Yours:")
        await machine.text(CUSTOMER.number, "has your case")
        incident = await machine.incident(answer["case"])
        assert incident["status"] == "acknowledged"
        assert await machine.ended(signal.SIGTERM) == 0

    on_machine(tmp_path, story)


def test_no_number_no_code_and_no_secret_is_in_the_log(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        await machine.start()
        await machine.report()
        number, code = await machine.page()
        await machine.sandbox.reply(number, code)
        await machine.text(number, "Yours:")
        await machine.ended(signal.SIGTERM)
        text = str(machine.lines)
        for secret in (
            number,
            CUSTOMER.number,
            *(value for name, value in machine.environment.items() if "TOKEN" in name),
            "t" * 24,
            f"Reply {code}",
        ):
            assert secret not in text

    on_machine(tmp_path, story)


def test_a_stop_takes_less_than_five_seconds_even_with_a_hanging_provider(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        await machine.start()
        machine.sandbox.misbehaviour.hang_s = 30
        await machine.report()
        await machine.page()
        began = time.monotonic()
        assert await machine.ended(signal.SIGTERM) == 0
        assert time.monotonic() - began < 5

    on_machine(tmp_path, story)


def test_after_kill_9_the_next_daemon_goes_on(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        await machine.start(ONCALL_TEST_CRASH_AT="send: before:1")
        # The page was claimed with the report's commit, so the daemon may die before the answer is written; the reporter asks again.
        with suppress(aiohttp.ClientConnectionError):
            await machine.report("night-1")
        assert await machine.ended() == -signal.SIGKILL
        machine.forget()
        await machine.start()
        number, code = await machine.page()
        assert (await machine.report("night-1"))["incident"] == "1001"
        await machine.sandbox.reply(number, code)
        await machine.text(number, "Yours:")

    on_machine(tmp_path, story)


def test_a_bad_edit_keeps_what_is_in_force_and_tells_the_admins(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        await machine.start()
        people = machine.folder / "config" / "people.yaml"
        good = people.read_text()
        people.write_text(good.replace("people:", "peeple:", 1))
        assert machine.process is not None
        machine.process.send_signal(signal.SIGHUP)
        await eventually(lambda: next((line for line in machine.lines if "config/people.yaml:4:1" in str(line.get("problem"))), None))
        priya = "+447700900005"
        await machine.text(priya, "The new configuration is not used")
        await machine.report()
        await machine.page()
        assert len([text for text in machine.sandbox.texts_to(priya) if "configuration" in text.body]) == 1
        async with aiohttp.ClientSession() as session, session.get(f"{machine.url}/metrics") as response:
            assert "oncall_config_last_reload_successful 0.0" in await response.text()
        people.write_text(good + "# mended\n")
        await machine.logged("a new version of the handbook is in force")

    on_machine(tmp_path, story)


def test_a_bad_edit_survives_a_restart_on_the_kept_version(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        await machine.start()
        await machine.ended(signal.SIGTERM)
        (machine.folder / "config" / "people.yaml").unlink()
        machine.forget()
        await machine.start()
        await machine.logged("the files cannot be used; the version that was in force last stays in force")
        await machine.report()
        await machine.page()

    on_machine(tmp_path, story)


def test_a_removed_folder_changes_nothing_while_running(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        await machine.start()
        (machine.folder / "rotations").rename(machine.folder / "gone")
        await machine.logged("a problem in the handbook")
        await machine.report()
        await machine.page()

    on_machine(tmp_path, story)


def test_a_first_start_without_a_good_handbook_is_refused(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        (machine.folder / "config" / "people.yaml").write_text("people: [")
        process = await machine.start(wait=False)
        assert await process.wait() == 2
        await eventually(lambda: next((line for line in machine.lines if "no earlier version is known" in str(line["event"])), None))

    on_machine(tmp_path, story)


def test_a_second_daemon_on_the_same_store_is_refused_and_the_first_lives_on(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        first = await machine.start()
        second = await machine.start(wait=False, ONCALL_LISTEN="127.0.0.1:0")
        assert await second.wait() == 1
        await eventually(lambda: next((line for line in machine.lines if "the store cannot be used" in str(line["event"])), None))
        third = await machine.start(wait=False)
        assert await third.wait() == 1
        await eventually(lambda: next((line for line in machine.lines if "cannot listen on" in str(line["event"])), None))
        machine.process = first
        assert (machine.folder / "ctl.sock").is_socket()
        await machine.report()
        await machine.page()

    on_machine(tmp_path, story)


def test_without_any_channel_it_does_not_start(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        for name in [name for name in machine.environment if "TWILIO" in name and not name.endswith("API_BASE")]:
            del machine.environment[name]
        process = await machine.start(wait=False)
        assert await process.wait() == 1
        await eventually(lambda: next((line for line in machine.lines if "nobody could be paged" in str(line["event"])), None))

    on_machine(tmp_path, story)


def test_a_file_in_the_spool_folder_pages(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        import json

        await machine.start()
        await eventually(lambda: (machine.folder / "spool").is_dir() or None)
        (machine.folder / ".one").write_text(json.dumps(REPORT))
        (machine.folder / ".one").rename(machine.folder / "spool" / "one.json")
        await machine.page()
        await eventually(lambda: (machine.folder / "spool" / "done" / "one.json").exists() or None)

    on_machine(tmp_path, story)


def test_a_store_that_is_gone_ends_the_process_for_systemd_to_start_it_anew(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        await machine.start()
        (machine.folder / "state" / "oncall.db").rename(machine.folder / "elsewhere.db")
        assert await machine.ended() == 70
        last = await machine.logged("the daemon ends because a part of it is dead")
        assert "was deleted or replaced" in str(last["reason"])

    on_machine(tmp_path, story)


def test_a_webhook_that_twilio_did_not_sign_changes_nothing(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        await machine.start()
        answer = await machine.report()
        number, code = await machine.page()
        form = {"From": number, "To": "+15125550100", "Body": code, "MessageSid": "SM1", "AccountSid": "AC" + "0" * 32}
        async with aiohttp.ClientSession() as session:
            for headers in ({}, {"X-Twilio-Signature": "bm90IHRoZSByaWdodCBvbmU="}):
                async with session.post(f"{machine.url}/twilio/sms", data=form, headers=headers) as response:
                    assert response.status == 403
        assert (await machine.incident(answer["case"]))["status"] == "open"

    on_machine(tmp_path, story)


def test_two_replies_at_once_give_one_holder(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        await machine.start()
        answer = await machine.report()
        number, code = await machine.page()
        acts = [machine.sandbox.reply(number, code), *(machine.act(answer["case"], "acknowledge", by) for by in ("mats", "priya"))]
        await asyncio.gather(*acts)
        incident = await machine.incident(answer["case"])
        assert incident["status"] == "acknowledged"
        timeline = incident["timeline"]
        assert isinstance(timeline, list)
        assert [line["result"] for line in timeline if line["fact"] == "Acknowledged"].count("taken") == 1

    on_machine(tmp_path, story)


def test_systemd_hears_ready_reloading_watchdog_and_stopping(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        import socket

        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(tmp_path / "notify"))
            notify.setblocking(False)
            said: list[str] = []

            async def listen() -> None:
                while True:
                    said.append((await asyncio.get_running_loop().sock_recv(notify, 4096)).decode())

            listening = asyncio.create_task(listen())
            await machine.start(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="600000")
            await eventually(lambda: "WATCHDOG=1" in said or None)
            assert said[0].startswith("READY=1\nSTATUS=able to page")
            assert machine.process is not None
            machine.process.send_signal(signal.SIGHUP)
            await eventually(lambda: any(one.startswith("RELOADING=1\nMONOTONIC_USEC=") for one in said) or None)
            await eventually(lambda: "READY=1" in said or None)
            await machine.ended(signal.SIGTERM)
            await eventually(lambda: "STOPPING=1" in said or None)
            listening.cancel()

    on_machine(tmp_path, story)


def test_an_edit_that_moves_who_is_on_call_now_is_told_to_both_at_once(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        await machine.start()
        book = read(machine.folder / "config", machine.folder / "rotations").handbook
        assert book is not None
        now = datetime.now(UTC)
        before = on_call(book, "primary", now).people[0]
        after = next(who for who in ("ana", "ben", "chloe", "dev") if who != before)
        days = [f"{now + timedelta(days=days):%Y-%m-%d}" for days in (-1, 1)]
        line = f"{{rotation: primary, from: {days[0]}, to: {days[1]}, put: {after}}}"
        (machine.folder / "rotations" / "tonight.yaml").write_text(f"version: 1\nchanges: [{line}]\n")
        await machine.text(book.people[after].phones[0], "The rota was changed: you are on call for primary from now on")
        await machine.text(book.people[before].phones[0], "The rota was changed: you are no longer on call for primary")
        moved = next(line for line in machine.lines if line.get("event") == "an edit moves shifts")
        assert (moved["rotation"], moved["before"], moved["after"]) == ("primary", [before], [after])
        assert str(moved["tzdata"]).startswith("20")

    on_machine(tmp_path, story)


def test_a_change_by_the_command_line_is_in_force_over_a_restart_and_can_be_committed(tmp_path: Path) -> None:
    async def story(machine: Machine) -> None:
        await machine.start()
        book = read(machine.folder / "config", machine.folder / "rotations").handbook
        assert book is not None
        before = on_call(book, "primary", datetime.now(UTC)).people[0]
        code, said = await machine.oncall("take-over", "primary", "mats", "--why", "everybody is ill", "--as", "priya", "--anyway")
        assert (code, "change 1 is in force; both sides are told." in said) == (0, True)
        await machine.text(book.people["mats"].phones[0], "Priya put you on call for primary")
        await machine.text(book.people[before].phones[0], "Priya: you are not on call for primary")
        await machine.ended(signal.SIGKILL)
        machine.forget()
        await machine.start()
        await machine.report()
        await machine.text(book.people["mats"].phones[0], "SEV1")
        code, exported = await machine.oncall("changes", "export")
        assert code == 0
        (machine.folder / "rotations" / "tonight.yaml").write_text(exported)
        again = read(machine.folder / "config", machine.folder / "rotations")
        assert again.handbook is not None, [str(one) for one in again.problems]
        assert on_call(again.handbook, "primary", datetime.now(UTC)).people == ("mats",)
        code, refusal = await machine.oncall("cover", "primary", before, "mats", "--as", "priya")
        assert (code, "it makes no difference to who is on call" in refusal) == (2, True)

    on_machine(tmp_path, story)
