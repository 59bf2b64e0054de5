"""The page of the sandbox over HTTP: what it shows, what changes something, and that it stops with a page open."""

from __future__ import annotations

import asyncio
import re
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import aiosmtplib
import pytest

from tests.sandbox.standing import ANA, DANA, INCIDENT, KEY, LINE, NUMBERS, Standing, play, wait_for


def test_a_text_with_markup_is_shown_as_it_was_written() -> None:
    async def story(here: Standing) -> None:
        here.daemon.incidents = [{**INCIDENT, "summary": "<img src=x onerror=alert(1)>", "timeline": [{**LINE, "because": "<b>bold</b>"}]}]
        await here.send(body="<script>alert(1)</script>")
        for path in ("/", "/fragment"):
            page = await here.page(path)
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
            assert "&lt;img src=x" in page
            assert "&lt;b&gt;bold" in page
            assert "<script>" not in page
            assert "<img" not in page

    play(story)


def test_everything_has_the_names_by_which_a_browser_test_finds_it() -> None:
    async def story(here: Standing) -> None:
        here.daemon.incidents = [INCIDENT, {**INCIDENT, "incident": "1000"}]
        page = await here.page()
        for person in ("ana", "ben", "customer"):
            assert f'id="handset-{person}"' in page
            for name in ("thread", "reply", "send"):
                assert page.count(f'data-testid="{name}-{person}"') == 1
        for name in ("timeline", "status", "report-summary", "report-name", "report-send"):
            assert page.count(f'data-testid="{name}"') == 1

    play(story)


def test_every_input_has_its_label() -> None:
    async def story(here: Standing) -> None:
        page = await here.page()
        labelled = set(re.findall(r'<label for="([^"]+)"', page))
        inputs = re.findall(r'<input id="([^"]+)"', page)
        assert len(inputs) == page.count("<input") == 5
        assert {*inputs, "reach"} == labelled

    play(story)


def test_nothing_comes_from_elsewhere_and_nothing_is_written_in_line() -> None:
    async def story(here: Standing) -> None:
        async with here.session.get(here.url) as answer:
            page, policy = await answer.text(), answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self';")
        assert "unsafe" not in policy
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script>", page)
        links = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert links
        for link in links:
            assert link.startswith("/static/")
            await here.page(link)

    play(story)


def test_the_timeline_tells_the_newest_incident_with_every_reason() -> None:
    async def story(here: Standing) -> None:
        silent = {**LINE, "fact": "HandedOver", "result": "", "because": "the page was handed over"}
        taken = {**LINE, "at": "2026-11-28T02:31:07Z", "result": "taken", "because": "Ana answered 42", "by": "ana"}
        here.daemon.incidents = [
            {**INCIDENT, "status": "acknowledged", "held_by": "ana", "timezone": "America/Chicago", "timeline": [LINE, silent, taken]}
        ]
        page = await here.page("/fragment")
        for words in (
            "acknowledged",
            "sev1",
            "case K7QM",
            "Ana has it",
            "<b>handed over</b>",
            "Ana has the shift",
            "Ana answered 42",
            "20:31:07",
            "20:45:00",
        ):
            assert words in page

    play(story)


def test_the_page_says_how_fast_the_time_runs() -> None:
    async def fast(here: Standing) -> None:
        assert "Time runs 60 times faster" in await here.page()

    async def real(here: Standing) -> None:
        assert "times faster" not in await here.page()

    play(fast, speed=60)
    play(real)


def test_the_page_stands_without_a_daemon() -> None:
    async def story(here: Standing) -> None:
        here.sandbox.daemon_at("http://127.0.0.1:9")
        assert "The daemon does not answer." in await here.page()

    play(story)


def test_a_reply_goes_to_the_number_of_whoever_texts_and_leads_back_to_the_page() -> None:
    async def story(here: Standing) -> None:
        for person, to in ((ANA, NUMBERS.staff), (DANA, NUMBERS.customers)):
            async with here.session.post(f"{here.url}/reply/{person.id}", data={"body": " 42 "}, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (303, f"/#handset-{person.id}")
            call = here.daemon.to("/twilio/sms")[-1]
            assert (call.body["From"], call.body["To"], call.body["Body"], call.signed) == (person.number, to, "42", True)

    play(story)


def test_the_customer_reports_an_emergency_with_the_key() -> None:
    async def story(here: Standing) -> None:
        async with here.session.post(f"{here.url}/report", data={"summary": "Checkout is down", "name": "Dana D."}) as answer:
            assert "The daemon took the report: paging, incident 1001, case K7QM." in await answer.text()
        (call,) = here.daemon.to("/v1/emergencies")
        assert call.headers["Authorization"] == f"Bearer {KEY}"
        assert call.headers["Idempotency-Key"]
        assert call.body == {"summary": "Checkout is down", "contact": {"name": "Dana D.", "phone": DANA.number}, "channel": "form"}

    play(story)


def test_a_report_that_nobody_took_says_so() -> None:
    async def story(here: Standing) -> None:
        here.sandbox.daemon_at("http://127.0.0.1:9")
        async with here.session.post(f"{here.url}/report", data={"summary": "Checkout is down"}) as answer:
            assert "The report was not taken. The daemon does not answer." in await answer.text()

    play(story)


def test_a_get_changes_nothing() -> None:
    async def story(here: Standing) -> None:
        for path, status in (("/reply/ana?body=42", 405), ("/report?summary=x", 405), ("/", 200), ("/fragment", 200)):
            async with here.session.get(here.url + path) as answer:
                assert answer.status == status
        assert here.daemon.calls == []
        assert here.sandbox.texts_to(NUMBERS.staff) == []

    play(story)


@pytest.mark.parametrize("headers", [{"Origin": "http://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_form_of_another_page_is_refused(headers: dict[str, str]) -> None:
    async def story(here: Standing) -> None:
        for path, form in (("/reply/ana", {"body": "42"}), ("/report", {"summary": "x"})):
            async with here.session.post(here.url + path, data=form, headers=headers) as answer:
                assert answer.status == 403
        assert here.daemon.calls == []

    play(story)


def test_a_strange_host_name_gets_nothing() -> None:
    async def story(here: Standing) -> None:
        async with here.session.get(here.url, headers={"Host": "rebound.example"}) as answer:
            assert answer.status == 400

    play(story)


def test_an_unknown_handset_is_not_found() -> None:
    async def story(here: Standing) -> None:
        async with here.session.post(f"{here.url}/reply/nobody", data={"body": "42"}) as answer:
            assert answer.status == 404
        assert here.daemon.calls == []

    play(story)


async def changed(stream: aiohttp.ClientResponse) -> None:
    """Waits until the stream says that something changed."""
    async with asyncio.timeout(10):
        while True:
            if await stream.content.readline() == b"data: changed\n":
                return


def test_an_open_page_hears_of_texts_and_of_the_timeline() -> None:
    async def story(here: Standing) -> None:
        async with here.session.get(f"{here.url}/events") as stream:
            assert stream.headers["Content-Type"].startswith("text/event-stream")
            await changed(stream)
            await here.send()
            await changed(stream)
            # Receipts move the text on its own; once they are through only the timeline is left to change.
            await wait_for(lambda: here.sandbox.texts_to(ANA.number)[0].status == "delivered")
            here.daemon.incidents = [INCIDENT]
            await changed(stream)

    play(story)


def test_it_stops_at_once_with_pages_open() -> None:
    async def story(here: Standing) -> None:
        streams: list[Any] = [await here.session.get(f"{here.url}/events") for _ in range(3)]
        for stream in streams:
            await changed(stream)
        # Below the grace after which the server would cut them off.
        async with asyncio.timeout(1.5):
            await here.sandbox.stop()
        for stream in streams:
            assert b"data" not in (await stream.content.read()).splitlines()

    play(story)


def test_it_stops_at_once_while_the_daemon_hangs() -> None:
    async def story(here: Standing) -> None:
        async with here.session.get(f"{here.url}/events") as stream:
            await changed(stream)
            here.daemon.hanging = True
            # The text wakes the stream, which then asks the daemon and waits.
            await here.send()
            async with asyncio.timeout(1.5):
                await here.sandbox.stop()
        here.daemon.hang.set()

    play(story)


def test_a_mail_stands_in_the_mailbox_as_plain_words() -> None:
    """A repeated one stands there once, and says how often it came; one that is on its way is not there yet."""
    mail = EmailMessage()
    mail["To"], mail["Subject"], mail["Message-ID"] = DANA.email, "[K7QM] <b>Ana</b> has your case", "<one@example.com>"
    mail.set_content("What we know: <i>checkout</i> is down")

    async def story(here: Standing) -> None:
        assert "No mails yet." in await here.page()
        server = urlsplit(here.sandbox.mail_server)
        for _ in range(2):
            await aiosmtplib.send(mail, sender="support@example.com", hostname=server.hostname, port=server.port)
        page = await here.page("/fragment")
        assert page.count('data-testid="mail-message"') == 1
        assert "<h3>[K7QM] &lt;b&gt;Ana&lt;/b&gt; has your case</h3>" in page
        assert 'To dana@customer.example · <time datetime="2026-11-28T02:30:00+00:00">02:30:00</time> · came 2 times' in page
        assert "What we know: &lt;i&gt;checkout&lt;/i&gt; is down" in page
        here.sandbox.mail_misbehaviour.deliver = False
        mail.replace_header("Message-ID", "<two@example.com>")
        await aiosmtplib.send(mail, sender="support@example.com", hostname=server.hostname, port=server.port)
        assert (await here.page()).count('data-testid="mail-message"') == 1

    play(story)


@pytest.mark.parametrize(
    ("chosen", "contact"),
    [
        ("a telephone number", {"name": "Dana", "phone": DANA.number}),
        ("an e-mail address", {"name": "Dana", "email": DANA.email}),
        ("both", {"name": "Dana", "phone": DANA.number, "email": DANA.email}),
        ("", {"name": "Dana", "phone": DANA.number}),
    ],
)
def test_the_customer_chooses_what_they_leave_to_be_reached_by(chosen: str, contact: dict[str, str]) -> None:
    async def story(here: Standing) -> None:
        assert await here.post("/report", summary="Checkout is down", reach=chosen) == 303
        assert [call.body["contact"] for call in here.daemon.to("/v1/emergencies")] == [contact]

    play(story)
