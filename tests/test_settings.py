"""Settings: every source, their order, and plain words for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from oncall.settings import Encryption, Scope, SettingsError, SmtpServer, client_sockets, load_settings, read_smtp_url, state_directory
from oncall.settings.keys import find_key, read_keys

KEY = "k" * 24


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment without any of our names, and an empty folder to be in."""
    import os

    for name in [
        name for name in os.environ if name.startswith("ONCALL_") or name in {"STATE_DIRECTORY", "RUNTIME_DIRECTORY", "CREDENTIALS_DIRECTORY"}
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems_of(**given: object) -> str:
    """What load_settings complains of."""
    with pytest.raises(SettingsError) as caught:
        load_settings(**given)
    return "\n".join(caught.value.problems)


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.base_url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert settings.database == f"sqlite:///{tmp_path / 'state' / 'oncall' / 'oncall.db'}"
    assert settings.keys == ()


def test_an_unknown_name_is_an_error_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_DATABASE_URLL", "sqlite:///x")
    assert problems_of() == "ONCALL_DATABASE_URLL is no setting; did you mean ONCALL_DATABASE_URL?"


def test_names_of_tests_and_tools_are_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_TEST_CRASH_AT", "x:1")
    monkeypatch.setenv("ONCALL_PYTHON", "python3.12")
    load_settings()


def test_a_credential_beats_the_secrets_folder_and_both_beat_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ONCALL_API_KEYS", f"environment:{KEY}")
    assert [key.name for key in load_settings().keys] == ["environment"]
    for variable, folder in (("ONCALL_SECRETS_DIR", "secrets"), ("CREDENTIALS_DIRECTORY", "credentials")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "api_keys").write_text(f"{folder}:{KEY}\n")
        monkeypatch.setenv(variable, str(tmp_path / folder))
        assert [key.name for key in load_settings().keys] == [folder]


def test_config_oncall_yaml_gives_what_the_environment_does_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "oncall.yaml").write_text("listen: 127.0.0.1:9000\npublic_url: https://oncall.example.com/\n")
    monkeypatch.setenv("ONCALL_LISTEN", "127.0.0.1:9001")
    settings = load_settings()
    assert (settings.port, settings.base_url) == (9001, "https://oncall.example.com")


def test_how_long_words_are_kept_is_said_in_days(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (load_settings().keep_cases_days, load_settings().keep_raw_days) == (400, 30)
    monkeypatch.setenv("ONCALL_KEEP_CASES_DAYS", "90")
    assert load_settings().keep_cases_days == 90


@pytest.mark.parametrize("text", ["7", "0", "-30", "1.5", "30d", "36501", "9" * 5000, "\u0663\u0663"])
def test_what_is_no_number_of_days_is_named_with_an_example(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Within a week of its close a customer may open a case again, and its words are needed."""
    monkeypatch.setenv("ONCALL_KEEP_RAW_DAYS", text)
    assert problems_of() == "ONCALL_KEEP_RAW_DAYS is not a whole number of days from 8 to 36500; write for example 400"


def test_a_secret_or_an_unknown_name_in_the_file_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "oncall.yaml").write_text("twilio_auth_token: abc\nlistn: x\n")
    text = problems_of()
    assert "config/oncall.yaml:1:1: twilio_auth_token is a secret" in text
    assert "config/oncall.yaml:2:1: no setting is called listn; did you mean listen?" in text
    assert "abc" not in text


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("listen", "8080", "ONCALL_LISTEN is not host:port"),
        ("public_url", "oncall.example.com", "ONCALL_PUBLIC_URL is not a base URL"),
        ("twilio_from", "0512", "ONCALL_TWILIO_FROM is not a telephone number"),
        ("twilio_api_base", "http://api.example.com", "ONCALL_TWILIO_API_BASE must begin with https://"),
        ("slack_channel", "#after-hours", "ONCALL_SLACK_CHANNEL is not a channel's id"),
        ("slack_api_base", "http://slack.example.com/api", "ONCALL_SLACK_API_BASE must begin with https://"),
        ("smtp_url", "mail.example.com:587", "ONCALL_SMTP_URL must begin with smtp+starttls://, smtps:// or smtp://"),
        ("smtp_url", "smtps://mail.example.com:99999", "ONCALL_SMTP_URL is no mail server's address"),
        ("smtp_url", "smtps://[::1", "ONCALL_SMTP_URL is no mail server's address"),
        ("smtp_url", "smtps://mail.example.com/inbox", "ONCALL_SMTP_URL is no mail server's address"),
        ("smtp_url", f"smtps://oncall:{KEY}@mail.example.com", "ONCALL_SMTP_URL holds a password, which must not stand there"),
        ("smtp_url", "smtp://oncall@mail.example.com", "ONCALL_SMTP_URL would send the password unencrypted"),
        ("mail_from", "Acme support", "ONCALL_MAIL_FROM is not one e-mail address"),
        ("mail_from", "a@example.com, b@example.com", "ONCALL_MAIL_FROM is not one e-mail address"),
        ("mail_from", "Acme <a@example.com>\r\nBcc: b@example.com", "ONCALL_MAIL_FROM is not one e-mail address"),
        ("mail_reply_to", "desk@localhost", "ONCALL_MAIL_REPLY_TO is not one e-mail address"),
        ("api_keys", "shop:short", "the key of 'shop' has fewer than 16 characters"),
        ("api_keys", f"shop:{KEY}:report+rite", "the key 'shop' has the unknown scope 'rite'"),
        ("api_keys", f"shop:{KEY},shop:{KEY}", "the name 'shop' stands there twice"),
        ("heartbeat_url", "http://example.com/x", "ONCALL_HEARTBEAT_URL must begin with https://"),
    ],
)
def test_each_mistake_names_its_variable(name: str, value: str, words: str) -> None:
    text = problems_of(**{name: value})
    assert words in text
    assert KEY not in text


def test_a_part_of_a_twilio_account_is_an_error_that_names_the_rest() -> None:
    text = problems_of(twilio_account_sid="AC1")
    assert text == "ONCALL_TWILIO_AUTH_TOKEN and ONCALL_TWILIO_FROM must be set as well, because ONCALL_TWILIO_ACCOUNT_SID is"


def test_a_part_of_a_slack_app_is_an_error_that_names_the_rest() -> None:
    """It posts to a channel, and hears its buttons over one of two ways."""
    assert problems_of(slack_app_token="xapp-1", slack_channel="C0123") == (
        "ONCALL_SLACK_BOT_TOKEN must be set as well, because ONCALL_SLACK_APP_TOKEN and ONCALL_SLACK_CHANNEL is"
    )
    text = problems_of(slack_bot_token="xoxb-12345")
    assert "ONCALL_SLACK_CHANNEL must be set as well" in text
    assert "ONCALL_SLACK_SIGNING_SECRET or ONCALL_SLACK_APP_TOKEN must be set as well" in text
    assert "xoxb-12345" not in text
    for heard in ({"slack_app_token": "xapp-12345"}, {"slack_signing_secret": "s" * 32}):
        settings = load_settings(slack_bot_token="xoxb-12345", slack_channel="C0123", **heard)
        assert {"xoxb-12345", *heard.values()} <= set(settings.secret_values)


FROM = "Acme support <support@example.com>"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"mail_from": FROM, "smtp_password": KEY}, "ONCALL_SMTP_URL must be set as well, because ONCALL_MAIL_FROM and ONCALL_SMTP_PASSWORD is"),
        ({"smtp_url": "smtps://mail.example.com"}, "ONCALL_MAIL_FROM must be set as well, because ONCALL_SMTP_URL is"),
        ({"smtp_url": "smtps://oncall@mail.example.com", "mail_from": FROM}, "ONCALL_SMTP_PASSWORD must be set as well"),
        ({"smtp_url": "smtps://mail.example.com", "mail_from": FROM, "smtp_password": KEY}, "ONCALL_SMTP_URL must name the user"),
    ],
)
def test_a_part_of_a_mail_server_is_an_error_that_names_the_rest(given: dict[str, str], words: str) -> None:
    text = problems_of(**given)
    assert words in text
    assert KEY not in text


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "encryption"),
    [
        ("smtp+starttls://oncall@mail.example.com", "mail.example.com", 587, "oncall", Encryption.STARTTLS),
        ("smtps://oncall%40example.com@mail.example.com", "mail.example.com", 465, "oncall@example.com", Encryption.TLS),
        ("smtp://mail.example.com", "mail.example.com", 25, "", Encryption.NONE),
        ("smtp://oncall@[::1]:2525", "::1", 2525, "oncall", Encryption.NONE),
    ],
)
def test_a_mail_servers_url_says_where_it_is_who_logs_in_and_how_it_is_encrypted(
    url: str, host: str, port: int, user: str, encryption: Encryption
) -> None:
    assert read_smtp_url(url) == SmtpServer(host=host, port=port, user=user, encryption=encryption)


def test_the_password_of_the_mail_server_is_a_secret(tmp_path: Path) -> None:
    settings = load_settings(smtp_url="smtps://oncall@mail.example.com", mail_from=FROM, smtp_password="example-smtp-password")
    assert "example-smtp-password" in settings.secret_values
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "oncall.yaml").write_text("smtp_password: abc\n")
    assert "smtp_password is a secret" in problems_of()


def test_a_misspelt_file_of_the_secrets_folder_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "twilio_auth_tokn").write_text("x")
    monkeypatch.setenv("ONCALL_SECRETS_DIR", str(tmp_path))
    assert "did you mean twilio_auth_token?" in problems_of()


def test_no_secret_shows_in_the_settings_repr() -> None:
    settings = load_settings(api_keys=f"shop:{KEY}", twilio_account_sid="AC1", twilio_auth_token="tok-12345", twilio_from="+15125550100")
    assert KEY not in repr(settings)
    assert "tok-12345" not in repr(settings)
    assert {KEY, "tok-12345"} <= set(settings.secret_values)


def test_scopes_default_to_report() -> None:
    plain, wide = read_keys(f"shop:{KEY}, desk:{KEY[::-1]}x:read+act")
    assert plain.scopes == {Scope.REPORT}
    assert wide.scopes == {Scope.READ, Scope.ACT}


def test_only_the_whole_key_is_found() -> None:
    keys = read_keys(f"shop:{KEY}")
    found = find_key(keys, KEY)
    assert found is not None
    assert found.name == "shop"
    assert find_key(keys, KEY[:-1]) is None
    assert find_key(keys, "") is None


def test_a_control_socket_with_too_long_a_path_is_refused(tmp_path: Path) -> None:
    assert "set a shorter ONCALL_SOCKET" in problems_of(socket=tmp_path / ("x" * 120))


def test_commands_look_where_the_daemon_may_be() -> None:
    assert client_sockets({"ONCALL_SOCKET": "/x/ctl.sock"}) == (Path("/x/ctl.sock"),)
    places = client_sockets({"RUNTIME_DIRECTORY": "/run/x", "STATE_DIRECTORY": "/var/lib/x"})
    assert places[:3] == (Path("/run/x/ctl.sock"), Path("/run/oncall/ctl.sock"), Path("/var/lib/x/ctl.sock"))


def test_the_state_directory_is_systemds_or_the_users() -> None:
    assert state_directory({"STATE_DIRECTORY": "/var/lib/oncall:/var/lib/other"}) == Path("/var/lib/oncall")
    assert state_directory({"XDG_STATE_HOME": "/home/x/.state"}) == Path("/home/x/.state/oncall")


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"SLACK_SIGNING_SECRET": "s" * 32}, "ONCALL_SLACK_BOT_TOKEN must be set as well, because ONCALL_SLACK_SIGNING_SECRET is"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}, "ONCALL_SLACK_CHANNEL must be set as well, because ONCALL_SLACK_BOT_TOKEN is"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "C0123"}, "ONCALL_SLACK_SIGNING_SECRET or ONCALL_SLACK_APP_TOKEN must be set as well"),
    ],
)
def test_half_a_slack_app_is_named_with_what_it_lacks(monkeypatch: pytest.MonkeyPatch, given: dict[str, str], missing: str) -> None:
    """A page that nobody can answer with a button, or a channel that nobody named, is found at the start."""
    for name, value in given.items():
        monkeypatch.setenv(f"ONCALL_{name}", value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert any(missing in problem for problem in refused.value.problems), refused.value.problems
