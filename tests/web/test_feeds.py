"""Calendar feeds: by a secret address only, which can be renewed; what is read is a calendar, and reading it changes nothing."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from icalendar import Calendar

from tests.web.standing import DESK_KEY, REPORT_KEY, Standing, play

DESK = {"Authorization": f"Bearer {DESK_KEY}"}


async def address(doors: Standing, name: str, *, renew: bool = False) -> str:
    """The path of a feed, as a calendar would ask for it."""
    async with doors.public.post(f"{doors.url}/v1/calendars/{name}", json={"renew": renew}, headers=DESK) as response:
        assert response.status == 200, await response.text()
        url = urlsplit((await response.json())["url"])
    assert url.netloc == "oncall.example"
    return f"{url.path}?{url.query}"


async def read(doors: Standing, path: str) -> tuple[int, str]:
    """Status and text."""
    async with doors.public.get(f"{doors.url}{path}") as response:
        return response.status, await response.text()


def test_a_rotation_and_a_person_have_each_their_calendar(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        for name, title in (("support", "On call: support"), ("ana", "On call: Ana")):
            status, text = await read(doors, await address(doors, name))
            assert status == 200
            made = Calendar.from_ical(text)
            events = [str(one["summary"]) for one in made.walk("VEVENT")]
            assert (made["x-wr-calname"], events) == (title, ["On call support: Ana"])
        assert [*Calendar.from_ical((await read(doors, await address(doors, "ben")))[1]).walk("VEVENT")] == []

    play(tmp_path, story)


def test_without_its_secret_a_calendar_is_not_there(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        path = await address(doors, "ana")
        token = path.partition("token=")[2]
        for wrong in (
            "/calendar/ana.ics",
            "/calendar/ana.ics?token=",
            "/calendar/ana.ics?token=" + "0" * 32,
            path[:-1],
            f"/calendar/ben.ics?token={token}",
        ):
            assert (await read(doors, wrong))[0] == 404, wrong
        assert (await read(doors, f"/calendar/nobody.ics?token={token}"))[0] == 404
        assert (await read(doors, "/calendar/ana.ics?token=%C3%A4"))[0] == 404

    play(tmp_path, story)


def test_an_address_stays_until_it_is_renewed_and_only_who_may_act_gets_one(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        first = await address(doors, "support")
        assert await address(doors, "support") == first
        fresh = await address(doors, "support", renew=True)
        assert (fresh != first, (await read(doors, first))[0], (await read(doors, fresh))[0]) == (True, 404, 200)
        async with doors.public.post(f"{doors.url}/v1/calendars/support", json={}, headers={"Authorization": f"Bearer {REPORT_KEY}"}) as response:
            assert response.status == 403
        async with doors.public.post(f"{doors.url}/v1/calendars/nobody", json={}, headers=DESK) as response:
            assert response.status == 404

    play(tmp_path, story)
