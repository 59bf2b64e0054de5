"""What a call says and hears: every verb that is played, keys and silence, where the next document comes from, and what cannot be played."""

from __future__ import annotations

import pytest
from twilio.twiml.voice_response import VoiceResponse

from oncall.sandbox import Call
from oncall.sandbox.twiml import BadDocument, Gather, Hangup, Pause, Redirect, Say, document
from tests.sandbox.standing import ANA, Standing, play, wait_for

FAST = 60
VOICE, KEYS, AGAIN = "/twilio/voice", "/twilio/voice/keys", "/twilio/voice/again"
GATHER = "<Gather numDigits='1' timeout='30' action='/twilio/voice/keys?p=7'><Say>Press 1 to take it.</Say></Gather>"
MENU = f"<Response>{GATHER}<Say>Goodbye.</Say></Response>"


async def answered(here: Standing, **more: str) -> Call:
    """A call that was answered."""
    await here.call(**more)
    await here.rings()
    return await here.sandbox.answer(ANA.number)


async def over(here: Standing) -> None:
    """Waits for the end of the call."""
    await wait_for(lambda: here.status() == "completed")


def test_it_asks_the_daemon_what_to_say_with_a_signature_and_without_the_fragment() -> None:
    async def story(here: Standing) -> None:
        here.daemon.documents[VOICE] = "<Response><Say>One.</Say><Say>Two.</Say></Response>"
        call = await answered(here, url=f"{here.daemon.url}{VOICE}?o=abc#rc=2")
        await over(here)
        (asked,) = here.daemon.to(VOICE)
        assert (asked.path, asked.signed) == (f"{VOICE}?o=abc", True)
        assert (asked.body["CallSid"], asked.body["CallStatus"], asked.body["Direction"]) == (call.sid, "in-progress", "outbound-api")
        assert asked.body["ToCity"] == ""
        assert call.said == ["One.", "Two."]

    play(story, FAST)


def test_a_key_cuts_the_speech_short_and_leads_to_the_answer() -> None:
    async def story(here: Standing) -> None:
        # Minutes at the pace of a voice, so that only a cut lets the test end in time.
        here.daemon.documents[VOICE] = MENU.replace("Press 1", "very long " * 200)
        here.daemon.documents[f"{KEYS} 1"] = "<Response><Say>It is yours.</Say></Response>"
        call = await answered(here)
        await here.sandbox.press(ANA.number, "1")
        await over(here)
        (key,) = here.daemon.to(KEYS)
        assert (key.path, key.body["Digits"], key.signed) == (f"{KEYS}?p=7", "1", True)
        assert call.said[-1] == "It is yours."
        assert call.keys == ["1"]

    play(story)


def test_silence_goes_on_with_the_next_verb_and_tells_the_daemon_nothing() -> None:
    async def story(here: Standing) -> None:
        here.daemon.documents[VOICE] = MENU
        call = await answered(here)
        await over(here)
        assert call.said == ["Press 1 to take it.", "Goodbye."]
        assert here.daemon.to(KEYS) == []

    play(story, FAST)


def test_silence_is_told_when_that_was_asked_for() -> None:
    async def story(here: Standing) -> None:
        here.daemon.documents[VOICE] = MENU.replace("numDigits", "actionOnEmptyResult='true' numDigits")
        await answered(here)
        await over(here)
        assert here.daemon.to(KEYS)[0].body["Digits"] == ""

    play(story, FAST)


def test_several_keys_make_one_answer_by_their_number_or_by_the_finishing_key() -> None:
    async def story(here: Standing) -> None:
        here.daemon.documents |= {
            VOICE: "<Response><Gather numDigits='2' timeout='600' action='/twilio/voice/keys'/></Response>",
            f"{KEYS} 47": "<Response><Gather timeout='600' finishOnKey='*' action='/twilio/voice/again'/></Response>",
        }
        call = await answered(here)
        await here.sandbox.press(ANA.number, "4")
        await here.sandbox.press(ANA.number, "7")
        await here.daemon.heard(1, KEYS)
        for key in "12*":
            await here.sandbox.press(ANA.number, key)
        (last,) = await here.daemon.heard(1, AGAIN)
        assert (last.body["Digits"], last.body["FinishedOnKey"]) == ("12", "*")
        assert call.keys == ["4", "7", "1", "2", "*"]

    play(story, FAST)


def test_a_key_before_anybody_listens_is_lost() -> None:
    async def story(here: Standing) -> None:
        here.daemon.documents[VOICE] = "<Response><Pause length='120'/><Gather timeout='10' action='/twilio/voice/keys'/></Response>"
        await answered(here)
        assert await here.post("/key/ana", key="1") == 303
        await over(here)
        assert here.daemon.to(KEYS) == []

    play(story, FAST)


def test_a_redirect_is_relative_to_the_document_that_plays() -> None:
    async def story(here: Standing) -> None:
        here.daemon.documents |= {
            VOICE: "<Response><Redirect>voice/again?n=1</Redirect><Say>never</Say></Response>",
            AGAIN: "<Response><Say>Again.</Say><Hangup/><Say>never</Say></Response>",
        }
        call = await answered(here)
        await over(here)
        (asked,) = here.daemon.to(AGAIN)
        assert (asked.path, asked.signed) == (f"{AGAIN}?n=1", True)
        assert call.said == ["Again."]

    play(story, FAST)


def test_a_gather_without_an_action_asks_the_document_that_plays() -> None:
    async def story(here: Standing) -> None:
        here.daemon.documents |= {
            VOICE: "<Response><Redirect>/twilio/voice/again?n=1</Redirect></Response>",
            AGAIN: "<Response><Gather numDigits='1' timeout='600'/></Response>",
            f"{AGAIN} 5": "<Response><Say>Five.</Say></Response>",
        }
        call = await answered(here)
        await here.sandbox.press(ANA.number, "5")
        await over(here)
        assert [(each.path, each.body.get("Digits")) for each in here.daemon.to(AGAIN)] == [(f"{AGAIN}?n=1", None), (f"{AGAIN}?n=1", "5")]
        assert call.said == ["Five."]

    play(story, FAST)


def test_a_redirect_by_get_carries_everything_in_its_query_and_is_signed() -> None:
    async def story(here: Standing) -> None:
        here.daemon.documents[VOICE] = "<Response><Redirect method='GET'>/twilio/voice/again</Redirect></Response>"
        await answered(here)
        (asked,) = await here.daemon.heard(1, AGAIN)
        assert asked.signed
        assert "CallStatus=in-progress" in asked.path

    play(story, FAST)


def test_a_redirect_to_itself_ends_some_day() -> None:
    async def story(here: Standing) -> None:
        here.daemon.documents[VOICE] = "<Response><Redirect/></Response>"
        await answered(here)
        await over(here)
        assert len(here.daemon.to(VOICE)) == 101
        assert "one call had more than 100 documents" in await here.page()

    play(story, FAST)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("<Response><Dial>+15125550105</Dial></Response>", "the sandbox does not play &lt;Dial&gt;"),
        ("<Response><Say>unclosed</Response>", "the document is no XML"),
        ("<Say>bare</Say>", "is &lt;Say&gt; and not &lt;Response&gt;"),
        ("<!DOCTYPE r><Response/>", "the document has a DOCTYPE"),
        ("<Response>" + " " * 70_000 + "</Response>", "longer than 64 KiB"),
    ],
)
def test_what_cannot_be_played_is_heard_and_shown_and_ends_the_call(answer: str, why: str) -> None:
    async def story(here: Standing) -> None:
        here.daemon.documents[VOICE] = answer
        call = await answered(here)
        await over(here)
        page = await here.page()
        assert "Application error: " in page
        assert why in page
        assert call.said == ["We are sorry, an application error has occurred. Goodbye."]

    play(story, FAST)


def test_a_daemon_that_fails_or_answers_no_xml_is_an_application_error() -> None:
    async def story(here: Standing) -> None:
        here.daemon.status = 503
        await answered(here)
        await over(here)
        assert "the daemon answered 503" in await here.page()
        here.daemon.status, here.daemon.media_type = 200, "application/json"
        await answered(here)
        await over(here)
        assert "the answer is application/json and no XML" in await here.page()
        await answered(here, url="http://127.0.0.1:9/twilio/voice")
        await over(here)
        assert "the daemon does not answer" in await here.page()

    play(story, FAST)


def test_a_key_is_told_though_the_person_hangs_up_at_once() -> None:
    async def story(here: Standing) -> None:
        # Nothing was asked before, so the key is still on its way to be connected when the call ends.
        menu = MENU.replace(KEYS, here.daemon.url + KEYS)
        await here.call(url=None, twiml=menu, status_callback=None)
        await here.rings()
        await here.sandbox.answer(ANA.number)
        await here.sandbox.press(ANA.number, "1")
        await here.sandbox.hang_up(ANA.number)
        assert (await here.daemon.heard(1, KEYS))[0].body["Digits"] == "1"

    play(story)


def test_every_word_is_kept_and_every_mark_is_dropped() -> None:
    words = "<Response><Say>Call <prosody rate='90%'>M. Visser <break time='1s'/> at</prosody>\n  once.</Say><Pause/><Hangup/></Response>"
    assert document(words) == (Say(words="Call M. Visser at once."), Pause(seconds=1), Hangup())


def test_what_the_sdk_writes_is_read() -> None:
    response = VoiceResponse()
    gather = response.gather(input="dtmf", num_digits=1, timeout=8, action="/twilio/voice/keys?o=1&k=2", action_on_empty_result=False)
    gather.say("Tom & Jerry's <shop>", voice="Polly.Joanna", language="en-US")
    gather.pause(length=1)
    response.redirect("/twilio/voice?n=2", method="POST")
    assert document(str(response)) == (
        Gather(inside=(Say(words="Tom & Jerry's <shop>"), Pause()), digits=1, timeout_s=8, action="/twilio/voice/keys?o=1&k=2"),
        Redirect(url="/twilio/voice?n=2"),
    )


def test_what_a_gather_leaves_out_is_as_twilio_has_it() -> None:
    gather, redirect = document("<Response><Gather><Pause length='2'/></Gather><Redirect method='GET'> /x </Redirect></Response>")
    assert gather == Gather(inside=(Pause(seconds=2),), digits=0, timeout_s=5, finish_on="#", action="", method="POST", on_empty=False)
    assert redirect == Redirect(url="/x", method="GET")


@pytest.mark.parametrize(
    "wrong",
    [
        "<Gather numDigits='many'/>",
        "<Gather finishOnKey='12'/>",
        "<Gather method='PUT'/>",
        "<Gather input='speech'/>",
        "<Gather><Gather/></Gather>",
        "<Pause length='-1'/>",
        "<Pause length='601'/>",
        "<Say>" + "x" * 4097 + "</Say>",
        "<Say/>" * 201,
    ],
)
def test_an_attribute_that_means_nothing_is_an_error(wrong: str) -> None:
    with pytest.raises(BadDocument):
        document(f"<Response>{wrong}</Response>")
