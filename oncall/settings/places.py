"""Where the daemon keeps its data and its control socket, and where commands look for that socket."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

LONGEST_SOCKET_PATH = 107
"""Bytes of a unix socket's path that Linux accepts (unix(7): sun_path has 108 with the closing zero)."""
SYSTEM_SOCKET = Path("/run/oncall/ctl.sock")
"""Where systemd's RuntimeDirectory=oncall puts the socket; commands are not started by systemd and look there too."""
CHECKOUT_SOCKET = Path(".state/ctl.sock")
"""Where `./dev run` puts it."""


def state_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder for the database: systemd's $STATE_DIRECTORY, else `oncall` in the user's folder for program state."""
    given = environment.get("STATE_DIRECTORY", "").split(":")[0]
    if given:
        return Path(given)
    home = environment.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "oncall"


def control_socket(chosen: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the daemon listens for commands: `chosen`, else in systemd's $RUNTIME_DIRECTORY, else in the state directory."""
    runtime = environment.get("RUNTIME_DIRECTORY", "").split(":")[0]
    path = chosen or (Path(runtime) if runtime else state_directory(environment)) / "ctl.sock"
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise ValueError(
            f"the control socket's path is longer than the {LONGEST_SOCKET_PATH} bytes Linux allows: {path}; set a shorter ONCALL_SOCKET"
        )
    return path


def client_sockets(environment: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Where a command looks for the daemon: only where ONCALL_SOCKET says, else in each usual place."""
    chosen = environment.get("ONCALL_SOCKET")
    if chosen:
        return (Path(chosen),)
    return tuple(dict.fromkeys((control_socket(None, environment), SYSTEM_SOCKET, state_directory(environment) / "ctl.sock", CHECKOUT_SOCKET)))
