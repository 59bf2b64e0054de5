"""The daemon's settings: every ONCALL_ name, where its value may come from, and plain words for a mistake in one."""

from oncall.settings.files import SettingsError
from oncall.settings.keys import ApiKey, Scope
from oncall.settings.mail import Encryption, SmtpServer, mailable, read_address, read_smtp_url
from oncall.settings.names import Settings, load_settings, test_names
from oncall.settings.places import client_sockets, control_socket, state_directory

__all__ = [
    "ApiKey", "Encryption", "Scope", "Settings", "SettingsError", "SmtpServer", "client_sockets", "control_socket", "load_settings", "mailable",
    "read_address", "read_smtp_url", "state_directory", "test_names",
]  # fmt: skip
