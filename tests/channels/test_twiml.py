"""Whatever anybody writes is safe to speak: the XML is always good, and the words that can be said are kept."""

from __future__ import annotations

import random
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.channels.twiml import twiml
from oncall.core.script import Ask, ComeBack, HangUp, Pause, Say, Script, TryAgain
from oncall.core.wording import spoken

ANYTHING = st.text(alphabet=st.characters(), max_size=300)
"""Every code point, lone surrogates and what XML forbids too."""
NASTY = [
    "\u202e", "\u2066", "\x00", "\x0b", "\x1b[2J", "\ud800", "\udfff", "\ufffe", "\uffff", "🔥", "👩\u200d🚒", "]]>", "<Say>", "&amp;", "&", '"', "'",
    "<!--", "<?x?>", "{x}", "[y]", "e\u0301", "עברית", "العربية", "漢字", "\u2028", "\ue000", "\U000e0041", "a" * 200, "\n", "\t", "<Dial>+1</Dial>",
]  # fmt: skip


def written(*parts: Say | Pause | Ask | ComeBack | TryAgain | HangUp) -> ET.Element:
    """A script as an XML parser reads it."""
    xml = twiml(Script(language="en-US", parts=parts), keys_url="https://x/k?o=1&n=1", round_url="https://x/v?o=1&n=", same_url="https://x/v?o=1&t=")
    return ET.fromstring(xml)  # noqa: S314 -- our own answer


@given(words=ANYTHING)
@settings(max_examples=300, deadline=None)
def test_arbitrary_text_is_spoken_as_good_xml_with_its_words_kept(words: str) -> None:
    """Nothing in it becomes a verb, and the parser gives back what was to be said."""
    clean = spoken(words)
    heard = written(Ask(parts=(Say(text=clean),), silence_s=8), HangUp())
    assert [one.tag for one in heard.iter()] == ["Response", "Gather", "Say", "Hangup"]
    assert (heard.findtext("Gather/Say") or "") == clean


def test_the_thousand_worst_texts_are_spoken_as_good_xml() -> None:
    """Right-to-left, control characters, lone surrogates, emoji, markup, ten kilobytes."""
    dice = random.Random(1)
    worst = ["".join(dice.choices(NASTY, k=dice.randint(1, 40))) for _ in range(990)]
    worst += [one * (10_240 // len(one)) for one in ("\u202eabc ", "x", "🔥", "\ud800 ", "<&>", "1", "word ", "漢", "é ", "\x00")]
    assert len(worst) == 1000
    for words in worst:
        clean = spoken(words)
        heard = written(Say(text=clean))
        assert (heard.findtext("Say") or "") == clean
        assert max(map(len, clean.split()), default=0) <= 40
        assert len(clean) <= 800


def test_words_between_what_cannot_be_said_stay() -> None:
    """The meaning survives its dress."""
    assert spoken("Tills\x00 <down> & “out” 🔥 see https://evil.example/x?y=1 in 3 stores, ref 123456, call +31655501234 by 03:05") == (
        "Tills <down> & “out” see in 3 stores, ref 1 2 3, 4 5 6, call plus 3 1 6, 5 5 5, 0 1 2, 3 4 by 3 05"
    )


def test_a_script_becomes_twilios_verbs() -> None:
    """Every key is one key, star and hash too; silence goes on to the next verb; nothing is asked by GET."""
    heard = written(Pause(seconds=1), Ask(parts=(Say(text="a"), Pause(seconds=2)), silence_s=8), ComeBack(round=2), TryAgain(trouble=1), HangUp())
    assert [one.tag for one in heard] == ["Pause", "Gather", "Redirect", "Redirect", "Hangup"]
    assert heard[1].attrib == {
        "input": "dtmf", "numDigits": "1", "timeout": "8", "finishOnKey": "", "actionOnEmptyResult": "false", "method": "POST",
        "action": "https://x/k?o=1&n=1",
    }  # fmt: skip
    assert [(one.text, one.attrib["method"]) for one in heard.findall("Redirect")] == [
        ("https://x/v?o=1&n=2", "POST"),
        ("https://x/v?o=1&t=1", "POST"),
    ]
    assert heard.findall("Gather/Say")[0].attrib == {"language": "en-US"}
