"""Acting and reading over HTTP and over the control socket: the answer says what really happened."""

from __future__ import annotations

import asyncio
import getpass
from pathlib import Path

import pytest

from tests.web.standing import ANA, BEN, DESK_KEY, REPORT_KEY, Standing, play

REPORT = {"summary": "Checkout is down", "customer": "Northwind"}


async def reported(doors: Standing) -> str:
    """An incident that paged Ana, with the page settled."""
    _, answer = await doors.call("POST", "/v1/emergencies", REPORT, key=DESK_KEY)
    await doors.carrier.received(ANA)
    async with asyncio.timeout(10):
        while "handed over" not in str((await doors.call("GET", f"/v1/incidents/{answer['incident']}"))[1]["pages"]):  # noqa: ASYNC110 -- it is asked over HTTP, as a person would
            await asyncio.sleep(0.01)
    return str(answer["incident"])


def test_the_first_to_take_it_has_it_and_the_second_is_told_who(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        number = await reported(doors)
        status, first = await doors.call("POST", f"/v1/incidents/{number}/acknowledge", {"by": "ana"}, key=DESK_KEY)
        assert (status, first["result"], first["held_by"], first["status"]) == (200, "taken", "ana", "acknowledged")
        _, second = await doors.call("POST", f"/v1/incidents/{number}/acknowledge", {"by": "ben"}, key=DESK_KEY)
        assert (second["result"], second["held_by"]) == ("taken by other", "ana")

    play(tmp_path, story)


def test_the_whole_way_of_an_incident_by_its_case(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        number = await reported(doors)
        _, one = await doors.call("GET", f"/v1/incidents/{number}", key=DESK_KEY)
        case = str(one["case"])
        for verb, more, result in (
            ("escalate", {}, "escalated"),
            ("acknowledge", {}, "taken"),
            ("reclassify", {"severity": "sev1"}, "same severity"),
            ("contacted", {}, "contacted"),
            ("note", {"text": "restarted it"}, "noted"),
            ("update", {"text": "It is coming back."}, "nobody to tell"),
            ("snooze", {"minutes": 10}, "snoozed"),
            ("resolve", {"text": "fixed"}, "resolved"),
            ("reopen", {}, "reopened"),
            ("pass", {}, "passed"),
        ):
            status, answer = await doors.call("POST", f"/v1/incidents/{case}/{verb}", {"by": "ana", **more}, key=DESK_KEY)
            assert (status, answer["result"]) == (200, result), (verb, answer)

    play(tmp_path, story)


def test_the_same_act_with_the_same_key_is_done_once(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        number = await reported(doors)
        for _ in range(2):
            _, answer = await doors.call("POST", f"/v1/incidents/{number}/acknowledge", {"by": "ana"}, key=DESK_KEY, headers={"Idempotency-Key": "a"})
            assert answer["result"] == "taken"

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("1001/acknowledge", {}, 422, "say who acts"),
        ("1001/acknowledge", {"by": "nobody"}, 422, "no person 'nobody' is in the handbook"),
        ("1001/acknowledge", {"by": "ana", "x": 1}, 422, "'field': 'x'"),
        ("1001/acknowledge", [], 400, "not a JSON object"),
        ("1001/update", {"by": "ana"}, 422, "an update needs words"),
        ("1001/snooze", {"by": "ana", "minutes": 100_000}, 422, "minutes"),
        ("1001/note", {"by": "ana"}, 422, "a note needs words"),
        ("1001/reclassify", {"by": "ana"}, 422, "the severity is missing"),
        ("1001/reclassify", {"by": "ana", "severity": "sev9"}, 422, "is none of the policy; known: sev1"),
        ("1001/explode", {"by": "ana"}, 404, "nothing that can be done"),
        ("9999/acknowledge", {"by": "ana"}, 404, "no incident '9999'"),
    ],
)
def test_each_bad_act_has_its_answer(tmp_path: Path, path: str, body: object, status: int, words: str) -> None:
    async def story(doors: Standing) -> None:
        await reported(doors)
        given, answer = await doors.call("POST", f"/v1/incidents/{path}", body, key=DESK_KEY)
        assert (given, words in str(answer)) == (status, True), answer

    play(tmp_path, story)


def test_a_reporters_key_may_not_act(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        number = await reported(doors)
        status, _ = await doors.call("POST", f"/v1/incidents/{number}/resolve", {"by": "ana"}, key=REPORT_KEY)
        assert status == 403

    play(tmp_path, story)


def test_a_get_never_acts(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        number = await reported(doors)
        status, _ = await doors.call("GET", f"/v1/incidents/{number}/acknowledge", key=DESK_KEY)
        assert status == 405
        assert (await doors.call("GET", f"/v1/incidents/{number}", key=DESK_KEY))[1]["status"] == "open"

    play(tmp_path, story)


def test_the_story_names_reasons_and_attempts_but_no_code_and_no_staff_number(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        number = await reported(doors)
        await doors.call("POST", f"/v1/incidents/{number}/acknowledge", {"by": "ana"}, key=DESK_KEY)
        _, one = await doors.call("GET", f"/v1/incidents/{number}", key=DESK_KEY)
        timeline = one["timeline"]
        assert isinstance(timeline, list)
        assert timeline[0]["fact"] == "Reported"
        assert all(line["because"] for line in timeline)
        outbox = one["outbox"]
        assert isinstance(outbox, list)
        page = next(line for line in outbox if line["kind"] == "page")
        assert (page["to"], page["address"], page["state"], page["provider_id"]) == ("ana", "...0104", "sent", "SM1")
        assert [attempt["result"] for attempt in page["attempts"]] == ["sent"]
        assert ANA not in str(one)
        assert BEN not in str(one)
        assert "seed" not in one
        assert "Reply" not in str(one)

    play(tmp_path, story)


def test_who_is_on_call_now_and_in_a_span(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        _, now = await doors.call("GET", "/v1/oncall", key=DESK_KEY)
        assert now == {"rotations": {"support": {"people": ["ana"], "because": "always, turn of ana", "until": None}}}
        _, span = await doors.call("GET", "/v1/rotations/support?from=2026-11-28T00:00:00Z&to=2026-11-29T00:00:00Z", key=DESK_KEY)
        assert span["shifts"] == [
            {"start": "2026-11-28T00:00:00Z", "end": "2026-11-29T00:00:00Z", "people": ["ana"], "because": "always, turn of ana"}
        ]
        for path, words in (("/v1/oncall?at=now", "is no time"), ("/v1/oncall?at=2026-11-28T00:00:00", "lacks its zone")):
            status, answer = await doors.call("GET", path, key=DESK_KEY)
            assert (status, words in str(answer)) == (422, True)
        assert (await doors.call("GET", "/v1/rotations/nights", key=DESK_KEY))[0] == 404

    play(tmp_path, story)


def test_listing_by_status(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        number = await reported(doors)
        for query, found in (("", [number]), ("?status=resolved", []), ("?status=open,resolved", [number]), ("?status=all", [number])):
            _, answer = await doors.call("GET", f"/v1/incidents{query}", key=DESK_KEY)
            lines = answer["incidents"]
            assert isinstance(lines, list)
            assert [line["incident"] for line in lines] == found
        assert (await doors.call("GET", "/v1/incidents?status=odd", key=DESK_KEY))[0] == 422

    play(tmp_path, story)


# The control socket


def test_the_control_socket_needs_no_key_but_says_who_acts(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        number = await reported(doors)
        status, answer = await doors.call("POST", f"/v1/incidents/{number}/acknowledge", {})
        assert (status, f"your user name '{getpass.getuser()}' is no person" in str(answer)) == (422, True)
        _, answer = await doors.call("POST", f"/v1/incidents/{number}/acknowledge", {"by": "ana"})
        assert answer["result"] == "taken"
        assert oct(doors.socket.stat().st_mode)[-3:] == "660"

    play(tmp_path, story)


def test_on_the_control_socket_the_user_acts_if_the_handbook_knows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall.web.callers.user_name", lambda _uid: "ben")

    async def story(doors: Standing) -> None:
        number = await reported(doors)
        _, answer = await doors.call("POST", f"/v1/incidents/{number}/acknowledge", {})
        assert (answer["result"], answer["held_by"]) == ("taken", "ben")

    play(tmp_path, story)


def test_reload_and_status_exist_on_the_control_socket_alone(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        for method, path in (("POST", "/v1/reload"), ("GET", "/v1/status")):
            assert (await doors.call(method, path, key=DESK_KEY))[0] == 404
        doors.problems.append("config/people.yaml:3:5: unknown key")
        _, answer = await doors.call("POST", "/v1/reload")
        assert answer == {"ok": False, "handbook": "v1", "problems": ["config/people.yaml:3:5: unknown key"]}
        _, answer = await doors.call("GET", "/v1/status")
        assert answer["handbook_problems"] == doors.problems

    play(tmp_path, story)


def test_a_client_cannot_pretend_to_be_on_the_control_socket(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        async with doors.public.get(f"{doors.url}/v1/status", headers={"oncall.peer_uid": "0", "X-Forwarded-For": "127.0.0.1"}) as response:
            assert response.status == 404

    play(tmp_path, story)
