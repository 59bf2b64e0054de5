"""Says that the pager is dead: asks the daemon whether it can page and, when it could not for two minutes, texts or posts by itself.

One look, then it ends; oncall-dead.timer starts it. It shares nothing with the daemon: the system's Python and its standard library alone,
and a credential of its own (/etc/oncall/credentials/dead_notifier: lines of account_sid=, auth_token=, from=, to=+1..,+1.., slack=https://..).
"""

import base64
import json
import os
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

HERE = Path(os.environ["RUNTIME_DIRECTORY"])
FAILING, TOLD = HERE / "failing-since", HERE / "told-at"  # seconds since boot, like the folder itself
AFTER_S, AGAIN_S = float(os.environ["DEAD_AFTER_S"]), float(os.environ["DEAD_AGAIN_S"])


def ask(request: str | Request) -> str:
    """What is wrong with the answer to a request; empty if nothing is. Never shows the address, which may be a secret."""
    try:
        with urlopen(request, timeout=10):
            return ""
    except (OSError, ValueError) as error:
        return str(error) if isinstance(error, OSError) else type(error).__name__


def messages(known: dict[str, str], text: str) -> dict[str, Request]:
    """The request for each way of telling that the credential knows."""
    sid, made = known.get("account_sid", ""), {}
    basic = base64.b64encode(f"{sid}:{known.get('auth_token')}".encode()).decode()
    url = f"{known.get('twilio', 'https://api.twilio.com')}/2010-04-01/Accounts/{sid}/Messages.json"
    for number in known.get("to", "").replace(",", " ").split():
        form = urlencode({"To": number, "From": known.get("from", ""), "Body": text}).encode()
        made[f"text to ..{number[-4:]}"] = Request(url, form, {"Authorization": f"Basic {basic}"})
    if known.get("slack"):
        made["Slack"] = Request(known["slack"], json.dumps({"text": text}).encode(), {"Content-Type": "application/json"})
    return made


now = time.clock_gettime(time.CLOCK_BOOTTIME)
lines = (Path(os.environ["CREDENTIALS_DIRECTORY"]) / "dead_notifier").read_text().splitlines()
known = {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in lines)}
why = ask(known.get("ready", "http://127.0.0.1:8080/readyz"))
if not why:
    FAILING.unlink(missing_ok=True)
    sys.exit(0)
since = float(FAILING.read_text()) if FAILING.exists() else now
FAILING.write_text(str(since))
print(f"the daemon has not been able to page for {now - since:.0f} s: {why}")
if now - since >= AFTER_S and (not TOLD.exists() or now - float(TOLD.read_text()) >= AGAIN_S):
    text = f"ONCALL IS DOWN on {socket.gethostname()}: it cannot page anybody for {(now - since) / 60:.0f} min now. Look: systemctl status oncall"
    results = {name: ask(request) for name, request in messages(known, text).items()}
    print("\n".join(f"{name}: {wrong or 'sent'}" for name, wrong in results.items()) or "nobody to tell: the credential dead_notifier is empty")
    if all(results.values()):
        sys.exit(1)
    TOLD.write_text(str(now))
