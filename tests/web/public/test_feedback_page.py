"""The page of a survey: only whoever has its secret sees it, only a press answers it, and the last answer counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from oncall.core.feedback import SURVEY, Survey
from oncall.core.messages import Incident
from oncall.core.replies import draw_secret
from oncall.store import incidents, reviews, surveys
from oncall.web.public.answering import loggable
from tests.web.public.browsing import WAYS, look, send
from tests.web.public.test_case_page import acted, address, opened
from tests.web.public.test_report_page import all_incidents, form
from tests.web.standing import Standing, play


async def asked_about(doors: Standing, case: str) -> Incident:
    """What the chore does in the morning."""
    incident = await doors.store.tx(lambda conn: incidents.with_case(conn, case))
    assert incident is not None
    await doors.store.tx(lambda conn: surveys.add(conn, incident.id, "", incident.opened_at, doors.parts.now()))
    return incident


async def closed(doors: Standing) -> Incident:
    """A case that was contacted and closed, and is asked about."""
    _, incident = await opened(doors)
    for verb in ("acknowledge", "contacted", "resolve"):
        await acted(doors, incident, verb)
    return await asked_about(doors, incident.case)


def survey_of(incident: Incident) -> str:
    """Where the survey of a case is."""
    return f"/feedback/{incident.case}-{draw_secret(incident.seed, SURVEY)}"


async def noted(doors: Standing, incident: Incident) -> Survey:
    """What is stored."""
    found = await doors.store.tx(lambda conn: surveys.load(conn, incident.id))
    assert found is not None
    return found


def test_the_page_of_a_closed_case_leads_to_the_question_and_one_press_answers_it(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        incident = await closed(doors)
        page = await look(doors, address(incident))
        assert page.html.index("Still broken") < page.html.index("Tell us in one press")
        assert f'href="..{survey_of(incident)}"' in page.html
        page = await look(doors, survey_of(incident))
        assert (page.status, page.headers["Cache-Control"]) == (200, "private, no-store")
        (form,) = page.read.forms
        assert form.buttons == ["1 bad", "2 poor", "3 fair", "4 good", "5 great"]
        assert (await noted(doors, incident)).rating is None
        page = await send(doors, survey_of(incident), {"rating": "5", "comment": "", "call": ""})
        assert "You answered 5 of 5. Thank you." in page.text
        assert "A person looks into it." not in page.text
        assert ((await noted(doors, incident)).rating, (await noted(doors, incident)).how) == (5, "form")

    play(tmp_path, story, ways=WAYS)


def test_a_low_answer_opens_a_review_with_the_words_and_the_wish_for_a_call(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        incident = await closed(doors)
        page = await send(doors, survey_of(incident), {"rating": "1", "comment": "Nobody <b>called</b>", "call": "yes"})
        assert "You answered 1 of 5. Thank you. A person looks into it. You want to be called." in page.text
        assert "Nobody &lt;b&gt;called&lt;/b&gt;" in page.html
        (review,) = await doors.store.tx(reviews.still_open)
        assert (review.words, review.owner) == ("rated 1 of 5, wants a call", "ben")
        assert (await noted(doors, incident)).comment == "Nobody <b>called</b>"
        await send(doors, survey_of(incident), {"rating": "3", "comment": "", "call": ""})
        assert ((await noted(doors, incident)).rating, len(await doors.store.tx(reviews.still_open))) == (3, 1)

    play(tmp_path, story, ways=WAYS)


def test_a_wrong_secret_no_survey_and_the_secret_of_the_case_all_open_nothing(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        incident = await closed(doors)
        await send(doors, "/report", await form(doors, phone="+44 7700 900124"))
        (other,) = [one for one in await all_incidents(doors) if one.id != incident.id]
        pages = (f"/feedback/{incident.case}-22222222", address(incident).replace("/c/", "/feedback/"), survey_of(other), "/feedback/none")
        assert [(await look(doors, path)).status for path in pages] == [404] * 4
        for path in pages:
            assert (await send(doors, path, {"rating": "1"}, follow=False)).status == 404
        assert (await noted(doors, incident)).rating is None
        assert (await look(doors, survey_of(incident).replace("/feedback/", "/c/"))).status == 404

    play(tmp_path, story, ways=WAYS)


def test_what_is_no_answer_changes_nothing(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        incident = await closed(doors)
        for values in ({"rating": "6"}, {"rating": "0"}, {"rating": ""}, {"comment": "bad"}, {"rating": "1; drop"}):
            assert (await send(doors, survey_of(incident), values, follow=False)).status == 400, values
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert (await send(doors, survey_of(incident), {"rating": "1"}, follow=False, headers=elsewhere)).status == 403
        assert (await noted(doors, incident)).rating is None

    play(tmp_path, story, ways=WAYS)


def test_a_case_that_is_open_again_is_not_rated_and_neither_is_one_long_after(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        incident = await closed(doors)
        await acted(doors, incident, "reopen")
        page = await send(doors, survey_of(incident), {"rating": "1"})
        assert "Your case is open again, so we do not ask now." in page.text
        assert page.read.forms == []
        assert "Tell us in one press" not in (await look(doors, address(incident))).html
        await acted(doors, incident, "resolve")
        until = (await noted(doors, incident)).until
        doors.app.state.parts = replace(doors.parts, now=lambda: until)
        page = await send(doors, survey_of(incident), {"rating": "1"})
        assert "This question is closed." in page.text
        assert (await noted(doors, incident)).rating is None

    play(tmp_path, story, ways=WAYS)


def test_somebody_who_presses_without_end_is_held_up(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        incident = await closed(doors)
        statuses = [(await send(doors, survey_of(incident), {"rating": "4"}, follow=False)).status for _ in range(12)]
        assert (statuses[0], statuses[-1]) == (303, 429)

    play(tmp_path, story, ways=WAYS)


def test_the_secret_of_a_survey_is_in_no_log() -> None:
    assert [loggable(path) for path in ("/feedback/K7F2-22222222", "/c/K7F2-22222222", "/report")] == ["/feedback/...", "/c/...", "/report"]
