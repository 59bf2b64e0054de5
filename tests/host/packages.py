"""Makes sure that what the host's tests need is installed: systemd with its container tool, and a Python outside anybody's home.

Run by `./dev test --host` before the tests. As root on Debian it lets apt-get install what is missing; elsewhere it says what to do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NEEDED = {
    "systemd-analyze": "systemd",
    "systemd-nspawn": "systemd-container",
    "nsenter": "util-linux",
    "/usr/bin/python3": "python3",
    "/usr/bin/pip3": "python3-pip",
}
"""Programs by the Debian package that has each; the daemon's environment on the machine is made by that Python and its pip."""


def missing() -> list[str]:
    """The packages whose program is not there."""
    return sorted({package for program, package in NEEDED.items() if not shutil.which(program)})


def install(packages: list[str]) -> None:
    """Lets apt-get install `packages`, or ends with what it said."""
    wanted = " ".join(packages)
    if not shutil.which("apt-get"):
        raise SystemExit(f"host tests: this system lacks {wanted} (as Debian calls them) and has no apt-get; install them by its own means.")
    print(f"host tests: installing {wanted} with apt-get ...", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment)
        if done.returncode:
            raise SystemExit(f"host tests: {' '.join(command)} did not succeed: {done.stderr.strip()[-500:]}")


if __name__ == "__main__":
    if os.geteuid() != 0:
        raise SystemExit("host tests: they boot a systemd in a container, which only root may; run: sudo ./dev test --host")
    if lacking := missing():
        install(lacking)
    if lacking := missing():
        raise SystemExit(f"host tests: still without {' '.join(lacking)} after the installation.")
