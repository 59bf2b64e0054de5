"""Scripts of a call as Twilio's XML, by its own builder: nothing else here writes XML, so any words are safe to speak."""

from __future__ import annotations

from typing import Any

from oncall.core.script import Ask, ComeBack, HangUp, Part, Pause, Say, Script, TryAgain

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""Says nothing."""


def twiml(script: Script, *, keys_url: str, round_url: str, same_url: str) -> str:
    """`script` as TwiML. A key goes to `keys_url`; the next round is asked at `round_url` + its number, the same again at `same_url` + a count."""
    from twilio.twiml.voice_response import VoiceResponse

    response = VoiceResponse()
    for part in script.parts:
        match part:
            case Say() | Pause():
                speak(response, part, script.language)
            case Ask(parts=parts, silence_s=silence_s):
                # finish_on_key is '' so that star and hash are keys like all others.
                gather = response.gather(
                    input="dtmf", num_digits=1, timeout=silence_s, finish_on_key="", action_on_empty_result=False, method="POST", action=keys_url
                )
                for one in parts:
                    speak(gather, one, script.language)
            case ComeBack() | TryAgain() | HangUp():
                go_on(response, part, round_url, same_url)
    return str(response)


def speak(verbs: Any, part: Say | Pause, language: str) -> None:
    """Words or a pause inside `verbs`."""
    if isinstance(part, Say):
        verbs.say(part.text, language=language)
    else:
        verbs.pause(length=part.seconds)


def go_on(verbs: Any, part: Part, round_url: str, same_url: str) -> None:
    """What ends a script."""
    if isinstance(part, ComeBack):
        verbs.redirect(f"{round_url}{part.round}", method="POST")
    elif isinstance(part, TryAgain):
        verbs.redirect(f"{same_url}{part.trouble}", method="POST")
    else:
        verbs.hangup()
