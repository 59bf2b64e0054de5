"""/v1/changes over real sockets: a change is in force with its answer, told to both sides, refused with the reason, ended and exported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from oncall.core.schedule import on_call
from tests.web.standing import ANA, BEN, DESK_KEY, REPORT_KEY, Standing, play, wait_for

DESK = {"Authorization": f"Bearer {DESK_KEY}"}


def body(more: dict[str, object], *, hours: int = 6, **beside: object) -> dict[str, object]:
    """A change of the next hours."""
    now = datetime.now(UTC).replace(microsecond=0)
    times = {"from": now.isoformat(), "to": (now + timedelta(hours=hours)).isoformat()}
    return {"change": {"rotation": "support", **times, **more}, "by": "ben", **beside}


async def post(doors: Standing, path: str, content: dict[str, object], key: dict[str, str] = DESK) -> tuple[int, dict[str, object]]:
    """Status and answer."""
    async with doors.public.post(f"{doors.url}{path}", json=content, headers=key) as response:
        return response.status, dict(await response.json())


def test_a_cover_is_in_force_with_its_answer_and_told_to_both_sides(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        status, answer = await post(doors, "/v1/changes", body({"cover": "ana", "by": "ben", "why": "fever"}))
        assert status == 200
        assert on_call(doors.parts.handbook(), "support", doors.parts.now()).people == ("ben",)
        differences = answer["differences"]
        assert isinstance(differences, list)
        assert (differences[0]["before"], differences[0]["after"]) == (["ana"], ["ben"])
        assert "Ben put you on call for support from" in (await doors.carrier.received(BEN)).text
        gone = (await doors.carrier.received(ANA)).text
        assert "Ben: you are not on call for support from" in gone
        assert gone.endswith("Ben is. fever")

    play(tmp_path, story)


def test_a_page_after_it_goes_to_who_covers(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        await post(doors, "/v1/changes", body({"put": ["ben"]}))
        await doors.carrier.received(BEN)
        await post(doors, "/v1/emergencies", {"summary": "Checkout is down", "service": "shop"})
        await wait_for(lambda: any("Checkout is down" in one.text for one in doors.carrier.sent))
        assert [one.address for one in doors.carrier.sent if "Checkout is down" in one.text] == [BEN]

    play(tmp_path, story)


def test_a_change_is_listed_ended_and_over(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        _, answer = await post(doors, "/v1/changes", body({"put": ["ben"]}))
        async with doors.public.get(f"{doors.url}/v1/changes", headers=DESK) as response:
            listed = (await response.json())["changes"]
        assert [(one["change"], one["kind"], one["people"], one["by"]) for one in listed] == [(answer["change"], "put", ["ben"], "ben")]
        status, ended = await post(doors, f"/v1/changes/{answer['change']}/end", {"by": "ana"})
        assert status == 200
        assert ended["differences"][0]["after"] == ["ana"]  # type: ignore[index]  # JSON
        assert on_call(doors.parts.handbook(), "support", doors.parts.now()).people == ("ana",)
        async with doors.public.get(f"{doors.url}/v1/changes", headers=DESK) as response:
            assert (await response.json())["changes"] == []
        assert (await post(doors, f"/v1/changes/{answer['change']}/end", {"by": "ana"}))[0] == 409

    play(tmp_path, story)


def test_what_makes_no_difference_is_refused_and_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        status, answer = await post(doors, "/v1/changes", body({"cover": "ben", "by": "ana"}))
        assert (status, answer["detail"]) == (409, "not taken: it makes no difference to who is on call for 'support'")
        wrong: tuple[tuple[dict[str, object], str], ...] = (
            ({"cover": "ana"}, "change.by"), ({"cover": "ana", "by": "ana"}, "change"), ({"put": ["eve"]}, "change"), ({}, "change"),
            ({"put": ["ben"], "rotation": "x"}, "change.rotation"), ({"put": ["ben"], "to": "2020-01-01T00:00:00Z"}, "change.to"),
            ({"put": ["ben"], "from": "tomorrow"}, "change.from"), ({"put": ["ben"], "colour": "red"}, "change.colour"),
            ({"put": ["ben"], "from": "2026-01-01T00:00:00"}, "change.from"),
        )  # fmt: skip
        for more, field in wrong:
            status, answer = await post(doors, "/v1/changes", body(more))
            assert status == 422, more
            assert field in [one["field"] for one in answer["errors"]], (more, answer)  # type: ignore[attr-defined]  # JSON
        assert (await post(doors, "/v1/changes", {**body({"put": ["ben"]}), "by": "nobody"}))[0] == 422

    play(tmp_path, story)


def test_a_key_that_may_only_report_changes_nothing(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        report = {"Authorization": f"Bearer {REPORT_KEY}"}
        assert (await post(doors, "/v1/changes", body({"put": ["ben"]}), report))[0] == 403
        assert (await post(doors, "/v1/changes/1/end", {"by": "ben"}, report))[0] == 403
        assert on_call(doors.parts.handbook(), "support", doors.parts.now()).people == ("ana",)

    play(tmp_path, story)
