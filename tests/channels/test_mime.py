"""What a mail is made of: headers that say what it answers and belongs to, and that no stranger's words become one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.channels import Channel
from oncall.channels.mime import SEVEN_BITS, Sender, mail_of
from oncall.settings import read_address
from tests.channels.mail_server import MailServer
from tests.channels.test_email import DANA, letter, play, words

SENDER = Sender(address=read_address("Example support <support@example.com>"), reply_to=None)


@pytest.mark.parametrize(
    ("about", "submitted"),
    [("taken", "auto-replied"), ("received", "auto-replied"), ("nobody_yet", "auto-generated"), ("late", "auto-generated"),
     ("late_held", "auto-generated"), ("exhausted", "auto-generated"), ("no_news", "auto-generated")],
)  # fmt: skip
def test_what_the_clock_sends_says_that_it_answers_nothing(about: str, submitted: str) -> None:
    assert mail_of(letter(about=about), SENDER, DANA)["Auto-Submitted"] == submitted


def test_the_page_of_the_case_is_to_be_clicked_and_no_words_break_out_of_it() -> None:
    text = '[K7F2] s\nYour case: https://oncall.example/c/K7F2-2345\n\n"><a href="javascript:x">https://e.example/"onclick="x'
    html = words(mail_of(letter(text=text), SENDER, DANA), "html")
    assert '<p>Your case: <a href="https://oncall.example/c/K7F2-2345">https://oncall.example/c/K7F2-2345</a></p>' in html
    assert '&quot;&gt;&lt;a href=&quot;javascript:x&quot;&gt;<a href="https://e.example/">https://e.example/</a>&quot;onclick=&quot;x' in html


def test_a_repeated_order_is_the_same_mail_and_another_order_is_another() -> None:
    """A mailbox knows a repeated mail by its Message-ID; the same number of another store's incident is none."""
    names = [
        str(mail_of(one, SENDER, DANA)["Message-ID"])
        for one in (letter(), letter(again=True), letter(order="1001/9/resolved/customer/email"), letter(thread="u" * 20))
    ]
    assert names[0] == names[1]
    assert len(set(names)) == 3


def test_the_mails_of_a_case_hang_together() -> None:
    first, second, other = (mail_of(one, SENDER, DANA) for one in (letter(), letter(order="1001/9/resolved/customer/email"), letter(thread="u" * 20)))
    assert first["References"] == first["In-Reply-To"] == second["References"] == second["In-Reply-To"]
    assert first["References"] not in {first["Message-ID"], second["Message-ID"], other["References"]}
    assert "References" not in mail_of(letter(thread=""), SENDER, DANA)


HOSTILE = (
    "K7F2\r\nBcc: victim@example.com", "K7F2\nBcc: victim@example.com", "K7F2\rBcc: victim@example.com", "K7F2\x0b\x0cBcc: x@example.com",
    "K7F2\u2028Bcc: x@example.com\u0085To: y@example.com", "K7F2\x00\x1b[31m\u202e", "=?utf-8?q?K7F2=0D=0ABcc:_x@example.com?=", "K7F2 " + "x" * 5000,
    "\ud800 K7F2 \U0001f525", "K7F2\r\n\r\n<script>alert(1)</script>\r\n.\r\nMAIL FROM:<x@example.com>",
)  # fmt: skip


@pytest.mark.parametrize("words_", HOSTILE)
def test_a_strangers_words_never_become_a_header_or_a_command(words_: str) -> None:
    """In the subject, in the body, and in both, through the server."""

    async def story(channel: Channel, server: MailServer) -> None:
        for text in (f"{words_}\nHello", f"Subject\nHello {words_}", f"{words_}\n{words_}\n.\n{words_}"):
            await channel.send(letter(text=text))
        for sender, to, mail in server.got:
            assert (sender, to, mail["To"], mail["Bcc"]) == ("support@example.com", DANA, DANA, None)
            assert sorted(mail.keys()) == sorted(mail_of(letter(), SENDER, DANA).keys())
            assert "<script" not in words(mail, "html")
        assert server.commands == ["MAIL", "RCPT", "DATA"] * 3
        assert max(len(line) for raw in server.raw for line in raw.split(b"\r\n")) <= 998

    play(story)


WORDS = st.lists(st.text() | st.sampled_from(["=?utf-8?q?a=0D=0ABcc:_x@example.com?=", "=?utf-8?b?DQpCY2M6IHg=?=", "\r\n", "\n.\n", "=?"])).map(
    "".join
)


@given(subject=WORDS, body=WORDS)
@settings(max_examples=200, deadline=None)
def test_any_words_make_a_mail_of_ascii_lines_with_our_headers_only(subject: str, body: str) -> None:
    mail = mail_of(letter(text=f"{subject}\n{body}"), SENDER, DANA)
    head = mail.as_bytes(policy=SEVEN_BITS).partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] not in {b" ", b"\t"}]
    assert sorted(names) == sorted(mail_of(letter(), SENDER, DANA).keys())
    assert mail.as_bytes(policy=SEVEN_BITS).isascii()
