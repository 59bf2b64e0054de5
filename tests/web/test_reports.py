"""POST /v1/emergencies over real HTTP: the answer comes after the commit, and each bad request has one defined answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from oncall.store import StoreUnavailable
from tests.web.standing import ANA, DESK_KEY, REPORT_KEY, Standing, play

REPORT = {"summary": "Checkout is down", "service": "shop", "customer": "Northwind", "contact": {"name": "Dana", "phone": "+15125550199"}}


async def post(doors: Standing, raw: bytes, **headers: str) -> tuple[int, str]:
    """Posts raw bytes with the report key, unless the headers say otherwise."""
    given = {
        "Authorization": f"Bearer {REPORT_KEY}",
        "Content-Type": "application/json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    async with doors.public.post(f"{doors.url}/v1/emergencies", data=raw, headers=given) as response:
        text = await response.text()
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        if response.status >= 400:
            assert response.headers["Content-Type"] == "application/problem+json"
        return response.status, text


def test_a_report_pages_who_is_on_call(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        status, answer = await doors.call("POST", "/v1/emergencies", REPORT, key=REPORT_KEY)
        assert status == 202
        assert set(answer) == {"incident", "case", "status", "severity", "because", "contact_by"}
        assert (answer["status"], answer["severity"]) == ("paging", "sev1")
        page = await doors.carrier.received(ANA)
        assert "Checkout is down" in page.text

    play(tmp_path, story)


def test_the_same_key_twice_is_one_incident(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        first, second = [await doors.call("POST", "/v1/emergencies", REPORT, key=REPORT_KEY, headers={"Idempotency-Key": "n1"}) for _ in range(2)]
        assert first == second
        other = await doors.call("POST", "/v1/emergencies", REPORT, key=REPORT_KEY, headers={"Idempotency-Key": "n2"})
        assert other[1]["incident"] != first[1]["incident"]

    play(tmp_path, story)


def test_the_same_body_without_a_key_is_the_same_report(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        first, second = [await doors.call("POST", "/v1/emergencies", REPORT, key=REPORT_KEY) for _ in range(2)]
        assert first[1]["incident"] == second[1]["incident"]
        other = await doors.call("POST", "/v1/emergencies", REPORT, key=DESK_KEY)
        assert other[1]["incident"] != first[1]["incident"]

    play(tmp_path, story)


def test_a_telephone_number_that_cannot_be_texted_is_said_in_the_answer(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        status, answer = await doors.call("POST", "/v1/emergencies", {"summary": "down", "contact": {"phone": "12"}}, key=REPORT_KEY)
        assert status == 202
        assert "cannot be texted" in str(answer["because"])

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("raw", "headers", "status", "words"),
    [
        (b"{}", {"Authorization": ""}, 401, "send an API key"),
        (b"{}", {"Authorization": "Bearer wrong"}, 401, "send an API key"),
        (b"{}", {"Authorization": f"Basic {REPORT_KEY}"}, 401, "send an API key"),
        (b"{}", {"Content_Type": "text/plain"}, 415, "Content-Type: application/json"),
        (b"{}", {"Content_Encoding": "gzip"}, 415, "not unpacked"),
        (b"{", {}, 400, "not JSON"),
        (b'{"summary": "\xff"}', {}, 400, "UTF-8"),
        (b"{}", {}, 422, '"field":"summary"'),
        (b'{"summary": "x", "sevrity": "sev1"}', {}, 422, "did you mean severity?"),
        (b'{"summary": "' + b"x" * 70_000 + b'"}', {}, 413, "larger than 64 KiB"),
        (b'{"summary": "x"}', {"Idempotency_Key": "x" * 300}, 400, "longer than 255"),
    ],
)
def test_each_bad_request_has_its_answer(tmp_path: Path, raw: bytes, headers: dict[str, str], status: int, words: str) -> None:
    async def story(doors: Standing) -> None:
        given, text = await post(doors, raw, **headers)
        assert (given, words in text) == (status, True), text
        assert doors.carrier.sent == []

    play(tmp_path, story)


def test_a_body_without_end_is_cut_off_at_the_limit(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        async def endless() -> object:
            while True:
                yield b"x" * 8192

        headers = {"Authorization": f"Bearer {REPORT_KEY}", "Content-Type": "application/json"}
        async with doors.public.post(f"{doors.url}/v1/emergencies", data=endless(), headers=headers) as response:
            assert response.status == 413

    play(tmp_path, story)


def test_a_key_without_the_scope_is_refused(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        status, answer = await doors.call("GET", "/v1/incidents", key=REPORT_KEY)
        assert (status, answer["detail"]) == (403, "the key 'shop' lacks the scope 'read'; an admin adds it in ONCALL_API_KEYS")

    play(tmp_path, story)


def test_too_many_requests_are_told_when_to_come_again_but_acts_never(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        answers = [await doors.call("GET", "/v1/incidents", key=DESK_KEY) for _ in range(3)]
        assert [status for status, _ in answers] == [200, 200, 429]
        status, _ = await doors.call("POST", "/v1/incidents/1001/acknowledge", {"by": "ana"}, key=DESK_KEY)
        assert status == 404

    play(tmp_path, story, per_minute=2)


def test_while_starting_everything_but_healthz_says_come_again(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        assert (await doors.call("GET", "/healthz", key=REPORT_KEY))[0] == 200
        async with doors.public.post(f"{doors.url}/v1/emergencies", json=REPORT) as response:
            assert (response.status, response.headers["Retry-After"]) == (503, "1")

    play(tmp_path, story, ready=False)


def test_a_store_that_cannot_be_written_is_a_503_that_says_nobody_is_paged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(doors: Standing) -> None:
        async def full(*_: object, **__: object) -> None:
            raise StoreUnavailable("disk full")

        monkeypatch.setattr(doors.parts.engine, "take", full)
        async with doors.public.post(f"{doors.url}/v1/emergencies", json=REPORT, headers={"Authorization": f"Bearer {REPORT_KEY}"}) as response:
            assert (response.status, response.headers["Retry-After"]) == (503, "5")
            assert "Nobody is paged" in (await response.json(content_type=None))["detail"]

    play(tmp_path, story)


def test_a_bug_tells_the_client_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(doors: Standing) -> None:
        async def broken(*_: object, **__: object) -> None:
            raise RuntimeError("inner detail")

        monkeypatch.setattr(doors.parts.engine, "take", broken)
        status, answer = await doors.call("POST", "/v1/emergencies", REPORT, key=REPORT_KEY)
        assert status == 500
        assert "inner detail" not in str(answer)

    play(tmp_path, story)


def test_a_slow_head_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall.web.servers.HEAD_WITHIN_S", 0.2)

    async def story(doors: Standing) -> None:
        host, port = doors.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in await reader.readuntil(b"}")
        writer.write(b"GET /healthz HT")
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()

    play(tmp_path, story)


def test_a_head_without_end_is_cut_off_at_the_limit(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        host, port = doors.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Padding: " + b"x" * 17_000)
        async with asyncio.timeout(5):
            assert b" 431 " in await reader.readline()
        writer.close()

    play(tmp_path, story)


def test_a_slow_body_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall.web.bounds.BODY_WITHIN_S", 0.2)

    async def story(doors: Standing) -> None:
        host, port = doors.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /v1/emergencies HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        async with asyncio.timeout(5):
            assert b"408" in await reader.readline()
        writer.close()

    play(tmp_path, story)


def test_a_store_that_does_not_answer_is_a_503_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oncall.web.taking.ANSWER_WITHIN_S", 0.05)

    async def story(doors: Standing) -> None:
        async def slow(*_: object, **__: object) -> None:
            await asyncio.sleep(60)

        monkeypatch.setattr(doors.parts.engine, "take", slow)
        status, answer = await doors.call("POST", "/v1/emergencies", REPORT, key=REPORT_KEY)
        assert (status, "did not answer" in str(answer)) == (503, True)

    play(tmp_path, story)
