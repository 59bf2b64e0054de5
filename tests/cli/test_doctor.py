"""The doctor: what is well is said to be, each thing that is not is named with its remedy, and no secret is ever shown."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from oncall.cli.doctor import probes
from oncall.cli.program import run
from tests.cli.providers import ACCOUNT, BOT_TOKEN, CUSTOMERS, STAFF, TOKEN, Providers, answering, good_providers, served

Findings = dict[str, list[dict[str, str]]]
Story = Callable[["Practice"], Awaitable[None]]


class Practice:
    """Asks the doctor about settings that a test chooses."""

    def __init__(self, providers: Providers, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.providers = providers
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        for name in [name for name in os.environ if name.startswith("ONCALL_")]:
            monkeypatch.delenv(name)
        (folder / "state").mkdir()
        self.set(
            STATE_DIRECTORY=str(folder / "state"), ONCALL_SOCKET=str(folder / "ctl.sock"), ONCALL_TWILIO_API_BASE=providers.url,
            ONCALL_SLACK_API_BASE=f"{providers.url}/api", ONCALL_TWILIO_ACCOUNT_SID=ACCOUNT, ONCALL_TWILIO_AUTH_TOKEN=TOKEN,
            ONCALL_TWILIO_FROM=STAFF, ONCALL_TWILIO_CUSTOMER_FROM=CUSTOMERS,
        )  # fmt: skip

    def set(self, **variables: str) -> None:
        """Sets variables of the environment."""
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)

    async def asks(self) -> Findings:
        """What each probe says."""
        self._monkeypatch.setattr("oncall.cli.output.out.json", True)
        self._capsys.readouterr()
        code = await asyncio.to_thread(run, ["doctor"])
        said = self._capsys.readouterr().out
        answer = json.loads(said)
        states = [look["state"] for looks in answer["probes"].values() for look in looks]
        assert (code, answer["ok"]) == ((1, False) if "problem" in states else (0, True))
        assert all(look["hint"] or look["state"] == "ok" for looks in answer["probes"].values() for look in looks)
        assert not any(secret in said for secret in (TOKEN, BOT_TOKEN, "watcher-secret"))
        probes: Findings = answer["probes"]
        return probes


@pytest.fixture
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[Story], None]:
    """Runs a story with a doctor and providers with which all is in order."""

    def play(story: Story) -> None:
        async def live() -> None:
            async with good_providers() as providers:
                await story(Practice(providers, tmp_path, monkeypatch, capsys))

        asyncio.run(live())

    return play


def texts(findings: Findings, probe: str, state: str) -> str:
    """What a probe says of this state."""
    return "\n".join(look["text"] for look in findings[probe] if look["state"] == state)


def test_numbers_of_the_account_that_lead_to_us_are_fine(practice: Callable[[Story], None]) -> None:
    async def story(doctor: Practice) -> None:
        doctor.set(ONCALL_PUBLIC_URL="https://oncall.example")
        for number in (STAFF, CUSTOMERS):
            doctor.providers.number(number, "https://oncall.example/twilio/sms")
        findings = await doctor.asks()
        assert [look["state"] for look in findings["twilio"]] == ["ok", "ok", "ok"]
        assert texts(findings, "twilio", "ok").startswith("key valid, account active\nnumber ..0100 is ours")

    practice(story)


def test_a_number_that_is_not_ours_or_leads_elsewhere_is_a_problem(practice: Callable[[Story], None]) -> None:
    async def story(doctor: Practice) -> None:
        doctor.set(ONCALL_PUBLIC_URL="https://oncall.example")
        doctor.providers.number(STAFF, "https://elsewhere.example/sms")
        said = texts(await doctor.asks(), "twilio", "problem")
        assert "replies to number ..0100 go to POST https://elsewhere.example/sms" in said
        assert "number ..0101 is not this account's" in said

    practice(story)


@pytest.mark.parametrize(
    ("account", "state", "words"),
    [({"status": "suspended"}, "problem", "the account is suspended"), ({"type": "Trial"}, "warning", "trial account")],
)
def test_an_account_that_does_not_serve_everybody_is_named(
    practice: Callable[[Story], None], account: dict[str, str], state: str, words: str
) -> None:
    async def story(doctor: Practice) -> None:
        doctor.providers.account |= account
        assert words in texts(await doctor.asks(), "twilio", state)

    practice(story)


def test_a_wrong_key_is_a_problem_and_is_not_shown(practice: Callable[[Story], None]) -> None:
    async def story(doctor: Practice) -> None:
        doctor.set(ONCALL_TWILIO_AUTH_TOKEN="0123456789abcdef0123456789abcdef")
        findings = await doctor.asks()
        assert texts(findings, "twilio", "problem") == "the key is refused (HTTP 401)"
        assert "0123456789abcdef" not in json.dumps(findings)

    practice(story)


def test_a_provider_that_hangs_costs_its_deadline_and_no_other_probe(practice: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "PROBE_WITHIN_S", 1.5)

    async def story(doctor: Practice) -> None:
        doctor.providers.hang = True
        doctor.set(ONCALL_SLACK_BOT_TOKEN=BOT_TOKEN, ONCALL_SLACK_SIGNING_SECRET="s" * 32, ONCALL_SLACK_CHANNEL="C0123")
        findings = await doctor.asks()
        assert texts(findings, "twilio", "problem") == "no answer within 1.5 s"
        assert "bot oncall in Example" in texts(findings, "slack", "ok")

    practice(story)


def test_a_provider_out_of_reach_and_a_name_without_an_address_are_problems(practice: Callable[[Story], None]) -> None:
    async def story(doctor: Practice) -> None:
        doctor.set(ONCALL_TWILIO_API_BASE="http://127.0.0.1:9", ONCALL_PUBLIC_URL="https://no-such-host.invalid")
        findings = await doctor.asks()
        assert texts(findings, "twilio", "problem").startswith("the API cannot be used")
        assert "no-such-host.invalid has no address" in texts(findings, "webhook", "problem")

    practice(story)


@pytest.mark.parametrize(("ahead_s", "state"), [(0, ""), (10, "warning"), (-10, "warning"), (120, "problem")])
def test_the_clock_is_compared_with_the_providers(practice: Callable[[Story], None], ahead_s: int, state: str) -> None:
    async def story(doctor: Practice) -> None:
        doctor.providers.date = format_datetime(datetime.now(UTC) - timedelta(seconds=ahead_s), usegmt=True)
        findings = await doctor.asks()
        look = findings["clock"][0]
        assert "from the provider's clock" in look["text"]
        # Whether anybody keeps this machine's clock right is not ours to say, so a good offset is fine or that warning.
        assert look["state"] == state if state else look["text"].startswith(("synchronised", "nobody keeps it right"))

    practice(story)


def test_slack_is_asked_for_scopes_channel_and_connection(practice: Callable[[Story], None]) -> None:
    async def story(doctor: Practice) -> None:
        doctor.set(ONCALL_SLACK_BOT_TOKEN=BOT_TOKEN, ONCALL_SLACK_APP_TOKEN="xapp-example", ONCALL_SLACK_CHANNEL="C0123")
        findings = await doctor.asks()
        assert [look["text"] for look in findings["slack"]] == ["bot oncall in Example", "bot in #after-hours", "the app token opens connections"]
        doctor.providers.scopes = "chat:write"
        doctor.providers.channel = {"ok": True, "channel": {"name": "after-hours", "is_member": False}}
        findings = await doctor.asks()
        assert texts(findings, "slack", "problem") == "the bot lacks im:write, users:read.email\nthe bot is not in #after-hours"
        assert "lacks commands" in texts(findings, "slack", "warning")
        doctor.providers.connection = {"ok": False, "error": "not_allowed_token_type"}
        assert texts(await doctor.asks(), "slack", "problem").endswith("(not_allowed_token_type)")
        doctor.set(ONCALL_SLACK_BOT_TOKEN="xoxb-revoked")
        assert texts(await doctor.asks(), "slack", "problem") == "Slack refuses a token (invalid_auth)"

    practice(story)


@pytest.mark.parametrize(
    ("status", "text", "words"),
    [(502, "Bad Gateway", "answers 502"), (404, "nothing", "answers 404, and not as a daemon of ours"), (200, "{}", "answers 200, and not as")],
)
def test_an_address_that_leads_elsewhere_is_a_problem(practice: Callable[[Story], None], status: int, text: str, words: str) -> None:
    async def story(doctor: Practice) -> None:
        async with served(answering(status, text)) as url:
            doctor.set(ONCALL_PUBLIC_URL=url)
            said = texts(await doctor.asks(), "webhook", "problem")
        assert f"{url} is not encrypted" in said
        assert words in said

    practice(story)


def test_a_certificate_that_nobody_trusts_is_a_problem(practice: Callable[[Story], None]) -> None:
    async def story(doctor: Practice) -> None:
        async with served(answering(200, ""), encrypted=True) as url:
            doctor.set(ONCALL_PUBLIC_URL=url)
            assert "certificate that is not trusted" in texts(await doctor.asks(), "webhook", "problem")

    practice(story)


def test_a_damaged_database_is_a_problem(practice: Callable[[Story], None], tmp_path: Path) -> None:
    async def story(doctor: Practice) -> None:
        assert "is not there yet" in texts(await doctor.asks(), "database", "ok")
        (tmp_path / "state" / "oncall.db").write_bytes(b"no database at all " * 100)
        assert "oncall.db cannot be read" in texts(await doctor.asks(), "database", "problem")

    practice(story)


def test_settings_for_tests_and_a_missing_watcher_are_named(practice: Callable[[Story], None]) -> None:
    async def story(doctor: Practice) -> None:
        doctor.set(ONCALL_TEST_STALL_AFTER="1")
        findings = await doctor.asks()
        assert "ONCALL_TEST_STALL_AFTER" in texts(findings, "environment", "problem")
        assert "nobody notices" in texts(findings, "watcher", "warning")
        assert "not running" in texts(findings, "daemon", "warning")
        doctor.set(ONCALL_HEARTBEAT_URL="https://watcher.example/watcher-secret")
        assert texts(await doctor.asks(), "watcher", "ok")

    practice(story)


def test_unreadable_settings_are_exit_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("oncall.cli.output.out.json", False)
    monkeypatch.setenv("ONCALL_TWILIO_FORM", "+15125550100")
    assert run(["doctor"]) == 2
    assert "ONCALL_TWILIO_FORM is no setting; did you mean ONCALL_TWILIO_FROM?" in capsys.readouterr().err
