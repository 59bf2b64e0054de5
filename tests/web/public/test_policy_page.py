"""GET /policy: a reader who has nothing else can answer what they need to know; it changes nothing and names nobody."""

from __future__ import annotations

import re
from pathlib import Path

from oncall.core.publishing import Ways, compose
from oncall.core.texts_policy_en import POLICY
from tests.core.publishing.policies import example, small
from tests.web.public.browsing import WAYS, look, send
from tests.web.standing import Standing, play

QUESTIONS = {
    "Is billing covered at night?": "Invoices and contracts. Our office answers these. A person contacts you within 4 hours after we open.",
    "How fast does somebody contact me when everything is down and I phone?": (
        "A product is down or losing data, and there is no way around it. phone, text message, form, chat, customer portal, "
        "a program of yours within 15 minutes"
    ),
    "And when I write an e-mail?": "A product is down or losing data, and there is no way around it. e-mail within 30 minutes",
    "Every second payment fails. Is that an emergency?": "For example: Every second payment fails.",
    "One person cannot log in. Is that an emergency of the first kind?": "But not: One person cannot log in.",
    "How do I reach you at three in the morning?": "Send a text message to +15125550101.",
    "What do I have to tell you?": "Tell us what does not work, since when, and who cannot work because of it.",
    "What if the engineer sleeps on?": "If the engineer does not answer, we alert the next person. We go on until a person takes your case.",
    "Can I try something myself?": "This may help at once. If it does not, or if you have no time for it, report it now. Checkout Does one till work",
    "What happens when you are late?": "If no person has contacted you in time, we tell you so in that minute, and give you a new time.",
    "You say that it can wait. I say that it cannot. What now?": "Answer our text with the word URGENT, or press “It cannot wait”",
    "Everything is down. How often do I hear from you?": (
        "A product is down or losing data, and there is no way around it. At least once in 30 minutes."
    ),
    "Does an automatic answer count as contact?": "Contact means that a person speaks or writes to you. Automatic answers do not count.",
    "When is your office open?": "Our office is open Monday to Friday from 08:00 to 18:00, but not on public holidays.",
    "It was closed, and is still broken. What now?": "Answer our text with the word REOPEN, or press “Still broken” on the page of your case",
    "Who answers for this, and since when is it so?": "In force since 2026-12-01. A manager of our support answers for it.",
}


def test_a_reader_of_the_page_alone_can_answer_every_question(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        page = await look(doors, "/policy")
        assert [question for question, answer in QUESTIONS.items() if answer not in page.text] == []

    play(tmp_path, story, handbook=example, ways=WAYS)


def test_the_page_says_what_holds_now_and_may_be_kept_for_a_minute(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        page = await look(doors, "/policy")
        assert page.status == 200
        assert page.headers["Cache-Control"] == "public, max-age=60"
        assert re.search(r"Our office is (open now, until|closed now\. It opens) .*?\.", page.text)
        assert f"Version {compose(example(), WAYS).mark}" in page.text
        assert f'<meta name="oncall-policy" content="{compose(example(), WAYS).mark}">' in page.html

    play(tmp_path, story, handbook=example, ways=WAYS)


def test_hostile_words_of_the_handbook_are_only_words(tmp_path: Path) -> None:
    """Not that an admin would; but a page that trusts its own files trusts whoever may edit one."""
    hostile = "</p><script>alert(1)</script><a href='javascript:alert(1)'>"
    means = hostile.replace("'", "''")
    book = small(("means: The shop is down.", f"means: '{means}'"), ("company: Example", f"company: '{means}'"))

    async def story(doors: Standing) -> None:
        page = await look(doors, "/policy")
        assert hostile in page.text
        assert "<script" not in page.html

    play(tmp_path, story, handbook=lambda: book, ways=WAYS)


def test_an_address_in_a_help_is_a_link_and_nothing_else_in_it_is(tmp_path: Path) -> None:
    hostile = "Look at https://status.example.com. <script>alert(1)</script> javascript:alert(1) https://a.example/<b>"
    book = small(("name: Shop,", f"name: Shop, help: ['{hostile}'],"))

    async def story(doors: Standing) -> None:
        for path in ("/policy", "/report"):
            page = await (await doors.public.get(doors.url + path)).text()
            assert '<a href="https://status.example.com" rel="noreferrer">https://status.example.com</a>. &lt;script&gt;' in page
            assert page.count('rel="noreferrer"') == 2
            assert "<script" not in page

    play(tmp_path, story, handbook=lambda: book, ways=WAYS)


def test_a_language_of_the_company_has_an_address_and_a_link(tmp_path: Path) -> None:
    german = "\n".join(f"{about}: '{text.replace('When this applies', 'Wann das gilt')}'" for about, text in POLICY.items())
    book = small(texts=german)

    async def story(doors: Standing) -> None:
        english, page = await look(doors, "/policy"), await look(doors, "/policy.de")
        assert ("a", {"href": "policy.de", "hreflang": "de", "lang": "de"}) in english.read.tags
        assert ("html", {"lang": "de"}) in page.read.tags
        assert "Wann das gilt" in page.text
        assert "Wann das gilt" not in english.text
        missing = await look(doors, "/policy.fr")
        assert (missing.status, "There is no such page" in missing.text) == (404, True)

    play(tmp_path, story, handbook=lambda: book, ways=WAYS)


def test_a_daemon_that_is_starting_says_how_else_to_reach_us(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        page = await look(doors, "/policy")
        assert (page.status, page.headers["Retry-After"], page.headers["Cache-Control"]) == (503, "1", "no-store")
        assert "It cannot wait? Send a text message to +15125550101." in page.text
        sent = await send(doors, "/report", {"what": "All down"})
        assert (sent.status, "Nobody is woken by it." in sent.text) == (503, True)

    play(tmp_path, story, ready=False, ways=WAYS)


def test_programs_are_answered_as_before(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        async with doors.public.get(f"{doors.url}/nothing") as response:
            assert (response.status, response.headers["Content-Type"]) == (404, "application/problem+json")

    play(tmp_path, story, ways=WAYS)


def test_a_link_checker_may_ask_for_the_head_alone_and_nobody_may_post(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        async with doors.public.head(f"{doors.url}/policy") as response:
            assert (response.status, await response.text()) == (200, "")
        page = await send(doors, "/policy", {"a": "b"})
        assert (page.status, "What you sent was not stored." in page.text) == (405, True)

    play(tmp_path, story, ways=Ways())
