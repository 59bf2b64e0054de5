"""A real systemd on which the daemon is installed as README.md says: systemd-nspawn over this system's /usr, with all else new and empty.

`--volatile=yes` mounts /usr read-only and makes /etc and /var anew, so no service that is enabled here starts there, and no file of this
system's own oncall is seen; it is told that this is no first boot, or it would enable every service that it knows. `--private-network`
leaves it a loopback of its own, so nobody can be paged. Its Python is the system's, in /usr: one in somebody's home could not be read by a
unit with DynamicUser= and ProtectHome=. Everything waits for a bounded time.
"""

from __future__ import annotations

import ctypes
import http.client
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[2]
LIMIT_S = 60.0
"""Seconds that anything may take here: the slowest is the watchdog, which needs 15 and a restart."""
CLONE_NEWNET = 0x40000000
PORT = 8080
TARGET = "# What the container boots into: no more than the basics.\n[Unit]\nDescription=Basics\nRequires=sysinit.target\nAfter=sysinit.target\n"

T = TypeVar("T")


def eventually(look: Callable[[], T | None], what: str, limit_s: float = LIMIT_S) -> T:
    """What `look()` gives once it gives something; AssertionError with `what` if it does not in time."""
    deadline = time.monotonic() + limit_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {limit_s:g} s in vain for: {what}"
        time.sleep(0.1)
    return found


@dataclass
class Machine:
    """A booted machine. `etc` is its /etc/oncall, to be edited from here."""

    folder: Path
    process: subprocess.Popen[bytes]
    leader: int = 0
    etc: Path = field(init=False)

    def __post_init__(self) -> None:
        self.etc = self.folder / "etc"

    def run(self, *command: str, fine: bool = True) -> str:
        """Runs a command on the machine and returns what it said; with `fine` it must have ended with 0."""
        inside = ["nsenter", "--target", str(self.leader), "--all", "--", *command]
        done = subprocess.run(inside, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=LIMIT_S)
        assert not fine or done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}\n{self.journal('oncall')[-3000:]}"
        return done.stdout.strip()

    def systemctl(self, *arguments: str, fine: bool = True) -> str:
        """Runs systemctl."""
        return self.run("systemctl", "--no-pager", *arguments, fine=fine)

    def show(self, unit: str, name: str) -> str:
        """A property of a unit."""
        return self.systemctl("show", unit, f"--property={name}", "--value")

    def journal(self, unit: str) -> str:
        """What a unit has logged, and what systemd says of it."""
        return self.run("journalctl", "--no-pager", "--output=cat", f"--unit={unit}", fine=False)

    def install(self, *units: str) -> None:
        """Copies units into place and lets systemd read them."""
        for unit in units:
            self.run("cp", f"/opt/oncall/systemd/{unit}", "/etc/systemd/system/")
        self.systemctl("daemon-reload")

    def drop_in(self, unit: str, text: str) -> None:
        """Changes a unit by a drop-in; an empty text takes it away again."""
        script = 'mkdir -p "/etc/systemd/system/$1.d"; if [ -n "$2" ]; then printf "%s" "$2" > "/etc/systemd/system/$1.d/test.conf"; '
        self.run("sh", "-c", script + 'else rm -f "/etc/systemd/system/$1.d/test.conf"; fi', "sh", unit, text)
        self.systemctl("daemon-reload")

    def socket(self) -> socket.socket:
        """A TCP socket in the machine's network; a thread enters it for a moment, and a socket stays where it was made."""
        made: list[socket.socket] = []

        def enter() -> None:
            libc = ctypes.CDLL(None, use_errno=True)
            with Path(f"/proc/{self.leader}/ns/net").open("rb") as namespace:
                if libc.setns(namespace.fileno(), CLONE_NEWNET) == 0:
                    made.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM))

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        made[0].settimeout(15)
        return made[0]

    def ask(self, method: str, path: str, body: object = None, key: str = "") -> tuple[int, dict[str, object]]:
        """The daemon's answer over HTTP; status 0: it does not answer."""
        connection = http.client.HTTPConnection("127.0.0.1", PORT)
        connection.sock = self.socket()
        try:
            connection.sock.connect(("127.0.0.1", PORT))
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException):
            return 0, {}
        finally:
            connection.close()

    def wait_ready(self) -> None:
        """Waits until the daemon says that it can page."""
        eventually(lambda: self.ask("GET", "/readyz")[0] == 200, "the daemon to be ready")


def lay_out(folder: Path) -> None:
    """Lays out /opt/oncall and /etc/oncall under `folder` as README.md tells; the packages come from this checkout's own cache."""
    program, etc = folder / "opt", folder / "etc"
    left_out = shutil.ignore_patterns(".git", ".venv", ".tools", ".state", ".*_cache", "__pycache__")
    shutil.copytree(ROOT, program, ignore=left_out)
    (program / ".tools").symlink_to(ROOT / ".tools")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONCALL_")}
    made = ["/usr/bin/python3", str(program / "dev"), "run", "--help"]
    done = subprocess.run(made, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    for name in ("config", "rotations"):
        shutil.copytree(ROOT / name, etc / name)
    (etc / "credentials").mkdir(mode=0o700)
    for path in (folder, program, etc):
        path.chmod(0o755)
    (folder / "basics.target").write_text(TARGET)


@contextmanager
def booted(folder: Path) -> Iterator[Machine]:
    """Boots a machine of what lay_out() made; it is gone at the end, whatever happened."""
    binds = [
        f"--bind-ro={folder}/opt:/opt/oncall",
        f"--bind-ro={folder}/etc:/etc/oncall",
        f"--bind-ro={folder}/basics.target:/etc/systemd/system/basics.target",
    ]
    kept = ["--register=no", "--keep-unit", "--console=pipe", "--private-network", "--machine=oncall-test"]
    boot = [
        "systemd-nspawn",
        "--directory=/",
        "--volatile=yes",
        *kept,
        *binds,
        "--boot",
        "systemd.unit=basics.target",
        "systemd.condition-first-boot=no",
    ]
    with (folder / "console").open("wb") as console:
        process = subprocess.Popen(boot, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT)
    machine = Machine(folder, process)
    try:
        eventually(lambda: process.poll() is not None or found_leader(machine), "the container's first process")
        assert process.poll() is None, (folder / "console").read_text()[-2000:]
        eventually(lambda: machine.systemctl("is-active", "basics.target", fine=False) == "active", "the container to boot")
        yield machine
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            # Its children die with it: systemd-nspawn has the kernel see to that.
            process.kill()
            process.wait(15)


def found_leader(machine: Machine) -> bool:
    """Whether the container's systemd runs; from then on its process id is known."""
    children = Path(f"/proc/{machine.process.pid}/task/{machine.process.pid}/children")
    for child in children.read_text().split():
        if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
            machine.leader = int(child)
    return machine.leader != 0
