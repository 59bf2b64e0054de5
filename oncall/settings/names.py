"""Every ONCALL_ name with its meaning, default and check; the values come from credentials, environment and config/oncall.yaml."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from oncall.core.publishing import Ways
from oncall.settings.files import SettingsError, did_you_mean, secrets_in, settings_in
from oncall.settings.keys import ApiKey, read_keys
from oncall.settings.mail import LOOPBACK, incomplete_mail, read_address, read_smtp_url
from oncall.settings.places import control_socket, state_directory

PREFIX = "ONCALL_"
TEST_PREFIX = "ONCALL_TEST_"
OF_OTHERS = frozenset({"ONCALL_PYTHON", "ONCALL_CHROMIUM"})
"""Names that ./dev and the browser tests read; the daemon may find them in its environment."""
SECRETS = frozenset({"twilio_auth_token", "slack_bot_token", "slack_app_token", "slack_signing_secret", "smtp_password", "api_keys", "heartbeat_url"})
"""What must not stand in config/oncall.yaml. A heartbeat URL is a secret: whoever has it can say that we live."""
NOT_IN_FILE = frozenset({"config", "secrets_dir"})
"""What says where files are cannot stand in one of them."""
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{4,20}")
KEPT_DAYS = (8, 36_500)
"""A case can be opened again by its customer for a week, and needs its words until then; a century is for ever."""


class Settings(BaseSettings):
    """All settings of one daemon. Read them with load_settings(), which turns mistakes into plain words."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    config: Path = Path("config")
    rotations: Path = Path("rotations")
    database_url: str = ""
    listen: str = "127.0.0.1:8080"
    public_url: str = ""
    socket: Path | None = None
    spool: Path | None = None
    secrets_dir: Path | None = None
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_from: str = ""
    twilio_customer_from: str = ""
    twilio_api_base: str = "https://api.twilio.com"
    slack_bot_token: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_channel: str = ""
    slack_api_base: str = "https://slack.com/api/"
    smtp_url: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_from: str = ""
    mail_reply_to: str = ""
    api_keys: SecretStr = SecretStr("")
    heartbeat_url: SecretStr = SecretStr("")
    keep_cases_days: int = 400
    """So long a closed case keeps names, numbers and words (reliability.md 5: 400 d)."""
    keep_raw_days: int = 30
    """So long reports and replies are kept as they came in, and messages that belong to no case (reliability.md 5: 30 d)."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- pydantic passes it; a .env file is no source of ours
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- pydantic passes it; Folder reads files our way
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The first source that has a name wins: what the caller gives, systemd's credentials, the secrets folder, environment, file."""
        config = Path(init_settings().get("config") or os.environ.get("ONCALL_CONFIG") or "config")
        folders = [Folder(settings_cls, os.environ, variable) for variable in ("CREDENTIALS_DIRECTORY", "ONCALL_SECRETS_DIR")]
        return (init_settings, *folders, env_settings, File(settings_cls, config / "oncall.yaml"))

    @field_validator("listen")
    @classmethod
    def _listen(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            raise ValueError("is not host:port; write for example 127.0.0.1:8080")
        return value

    @field_validator("public_url", "twilio_api_base", "slack_api_base")
    @classmethod
    def _url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("is not a base URL; write for example https://oncall.example.com")
        return value.rstrip("/")

    @field_validator("twilio_api_base", "slack_api_base")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        if value.startswith("http://") and urlsplit(value).hostname not in LOOPBACK:
            raise ValueError("must begin with https://, because credentials are sent there (http:// is for this machine only)")
        return value

    @field_validator("heartbeat_url")
    @classmethod
    def _heartbeat(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and not (text.startswith("https://") or urlsplit(text).hostname in LOOPBACK):
            raise ValueError("must begin with https:// (http:// is for this machine only)")
        return value

    @field_validator("twilio_from", "twilio_customer_from")
    @classmethod
    def _number(cls, value: str) -> str:
        if value and not E164.fullmatch(value):
            raise ValueError("is not a telephone number in international form; write for example +15125550100")
        return value

    @field_validator("slack_channel")
    @classmethod
    def _channel(cls, value: str) -> str:
        # By its name Slack posts, but neither edits nor finds a message again.
        if value and not CHANNEL_ID.fullmatch(value):
            raise ValueError("is not a channel's id; write for example C0123456789 (Slack shows it at the end of the channel's details)")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: str) -> str:
        if value:
            read_smtp_url(value)
        return value

    @field_validator("mail_from", "mail_reply_to")
    @classmethod
    def _address(cls, value: str) -> str:
        if value:
            read_address(value)
        return value

    @field_validator("keep_cases_days", "keep_raw_days", mode="before")
    @classmethod
    def _days(cls, value: object) -> int:
        least, most = KEPT_DAYS
        text = str(value).strip()
        if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
            raise ValueError(f"is not a whole number of days from {least} to {most}; write for example 400")
        return int(text)

    @field_validator("api_keys")
    @classmethod
    def _api_keys(cls, value: SecretStr) -> SecretStr:
        read_keys(value.get_secret_value())
        return value

    @property
    def keys(self) -> tuple[ApiKey, ...]:
        """The API keys."""
        return read_keys(self.api_keys.get_secret_value())

    @property
    def host(self) -> str:
        """The host to listen on, without the brackets of IPv6."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to listen on; 0: any free one."""
        return int(self.listen.rpartition(":")[2])

    @property
    def base_url(self) -> str:
        """The URL under which providers and people reach us, without a slash at the end."""
        return self.public_url or f"http://{self.listen}"

    @property
    def ways(self) -> Ways:
        """How customers reach us: the number that their texts go to, our pages if a public address was set, and whether we can mail them."""
        return Ways(phone=self.twilio_customer_from or self.twilio_from, url=self.public_url, mail=bool(self.smtp_url))

    @property
    def database(self) -> str:
        """The database's URL; by default a SQLite file in the state directory."""
        return self.database_url or f"sqlite:///{state_directory() / 'oncall.db'}"

    @property
    def control_socket(self) -> Path:
        """Where the daemon listens for commands."""
        return control_socket(self.socket)

    @property
    def secret_values(self) -> tuple[str, ...]:
        """Every secret's text, for the log's mask."""
        whole = [getattr(self, name).get_secret_value() for name in sorted(SECRETS)]
        single = [part for entry in self.api_keys.get_secret_value().split(",") for part in entry.split(":")[1:2]]
        return tuple(value for value in (*whole, *single) if value)


class Folder(PydanticBaseSettingsSource):
    """The secrets folder that an environment variable names: a file per name, in small letters and without the prefix."""

    def __init__(self, settings_cls: type[BaseSettings], environment: Mapping[str, str], variable: str) -> None:
        super().__init__(settings_cls)
        self._folder = environment.get(variable, "")
        self._variable = variable

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 -- pydantic's interface
        """Not asked one by one: a folder is read at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Every known name that has a file."""
        return dict(secrets_in(Path(self._folder), self._variable, self.settings_cls.model_fields)) if self._folder else {}


class File(PydanticBaseSettingsSource):
    """The file oncall.yaml in the config folder."""

    def __init__(self, settings_cls: type[BaseSettings], path: Path) -> None:
        super().__init__(settings_cls)
        self._path = path

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 -- pydantic's interface
        """Not asked one by one: a file is read at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Every name of the file."""
        return dict(settings_in(self._path, self.settings_cls.model_fields.keys() - NOT_IN_FILE, SECRETS))


def load_settings(**given: object) -> Settings:
    """Reads the settings; `given` wins over every source. SettingsError names each variable with its problem."""
    problems = unknown_names(os.environ)
    try:
        settings = Settings(**given)  # type: ignore[arg-type]  # pydantic checks each value that is given
        problems += incomplete(settings)
        control_socket(settings.socket)
    except ValidationError as error:
        problems += [f"{PREFIX}{str(one['loc'][0]).upper()} {one['msg'].removeprefix('Value error, ')}" for one in error.errors(include_input=False)]
    except ValueError as error:
        problems.append(str(error))
    except SettingsError as error:
        problems += error.problems
    if problems:
        raise SettingsError(problems)
    return settings


def unknown_names(environment: Mapping[str, str]) -> list[str]:
    """Problems with ONCALL_ names that are no setting; a typing error must not silently switch something off."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    ours = [name for name in environment if name.startswith(PREFIX) and not name.startswith(TEST_PREFIX)]
    return [f"{name} is no setting{did_you_mean(name, known)}" for name in sorted(ours) if name not in known | OF_OTHERS]


def test_names(environment: Mapping[str, str]) -> list[str]:
    """The ONCALL_TEST_ names that are set; the daemon says so loudly (decisions.md 40)."""
    return sorted(name for name in environment if name.startswith(TEST_PREFIX))


def incomplete(settings: Settings) -> list[str]:
    """Problems with an account of which only a part is given; without any of it the channel is simply off."""
    mail = incomplete_mail(
        url=settings.smtp_url, sender=settings.mail_from, reply_to=settings.mail_reply_to, password=settings.smtp_password.get_secret_value()
    )
    return [*incomplete_twilio(settings), *incomplete_slack(settings), *mail]


def incomplete_slack(settings: Settings) -> list[str]:
    """Problems with a Slack app of which only a part is given: it posts to a channel, and hears clicks over one of two ways."""
    token, app = settings.slack_bot_token.get_secret_value(), settings.slack_app_token.get_secret_value()
    signing = settings.slack_signing_secret.get_secret_value()
    if not token:
        given = {"ONCALL_SLACK_APP_TOKEN": app, "ONCALL_SLACK_SIGNING_SECRET": signing, "ONCALL_SLACK_CHANNEL": settings.slack_channel}
        names = [name for name, value in given.items() if value]
        return [f"ONCALL_SLACK_BOT_TOKEN must be set as well, because {' and '.join(names)} is"] if names else []
    problems = [] if settings.slack_channel else ["ONCALL_SLACK_CHANNEL must be set as well, because ONCALL_SLACK_BOT_TOKEN is; write a channel's id"]
    if not (signing or app):
        problems.append("ONCALL_SLACK_SIGNING_SECRET or ONCALL_SLACK_APP_TOKEN must be set as well, because without one nobody hears Slack's buttons")
    return problems


def incomplete_twilio(settings: Settings) -> list[str]:
    """Problems with a Twilio account of which only a part is given."""
    parts = {
        "ONCALL_TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "ONCALL_TWILIO_AUTH_TOKEN": settings.twilio_auth_token.get_secret_value(),
        "ONCALL_TWILIO_FROM": settings.twilio_from,
    }
    missing = [name for name, value in parts.items() if not value]
    given = [name for name, value in parts.items() if value]
    return [f"{' and '.join(missing)} must be set as well, because {' and '.join(given)} is"] if missing and given else []
