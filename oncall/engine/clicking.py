"""A button was pressed in Slack, or a command typed: whether its reader saw the present, what it means, what follows; all in one unit of work."""

from __future__ import annotations

from sqlalchemy import Connection

from oncall.core.asks import ask_of
from oncall.core.board import present
from oncall.core.buttons import ASK_BUTTONS, BUTTONS, SEVERITY_MENU, Button
from oncall.core.messages import ACTS, Heard, Incident
from oncall.core.replies import Meaning, understand
from oncall.engine.answering import answered, wished
from oncall.engine.desk import Desk, decide_and_save
from oncall.engine.understood import Understood
from oncall.store import incidents, log

RECLASSIFY = Button(verb="reclassify", words="")
"""An entry of the menu of severities."""


def click(conn: Connection, desk: Desk, heard: Heard) -> Understood:
    """What follows from a button. `heard.sender` is the person, `text` the action (with the entry of a menu), `about`
    'incident/turn' as its reader saw it.

    An old button acts on nothing and is answered with what is true now; but whoever wants to take what is still being called may. Without
    `about` nothing was pressed: `text` is what was typed.
    """
    if not heard.about:
        return typed(conn, desk, heard)
    if heard.text in ASK_BUTTONS:
        asked = Meaning(ask=ask_of(f"slack/{heard.about}"), says=ASK_BUTTONS[heard.text].verb)
        return answered(conn, desk, heard, heard.sender, asked)
    reference, _, seen = heard.about.partition("/")
    incident = incidents.load(conn, reference)
    action, _, severity = heard.text.partition(" ")
    button = RECLASSIFY if action == SEVERITY_MENU and severity else BUTTONS.get(action)
    if incident is None or button is None or not (seen.isascii() and seen.isdigit()):
        return Understood(action="unknown button", because="this button belongs to nothing that is known here; nothing was done")
    wanted = button.verb == "acknowledge" and incident.calling
    if not wanted and is_stale(conn, incident, int(seen)):
        return Understood(action="stale", because=present(incident, desk.handbook, heard.at))
    more: dict[str, object] = {"severity": severity} if button is RECLASSIFY else {"minutes": button.minutes} if button.minutes else {}
    fact = ACTS[button.verb](at=heard.at, incident=incident.id, by=heard.sender, how=heard.way, **more)
    decided = decide_and_save(conn, desk, incident, fact)
    return Understood(action=button.verb, decided=(decided,), because=decided.decision.because)


def typed(conn: Connection, desk: Desk, heard: Heard) -> Understood:
    """A command in words: only a wish is one, anything else is answered with an example."""
    meaning = understand(heard.text, (), 0)
    return wished(conn, desk, heard, heard.sender, meaning if meaning.wish else Meaning(wish="cover", words=heard.text))


def is_stale(conn: Connection, incident: Incident, seen: int) -> bool:
    """Whether what a button's reader saw, the state after turn `seen`, differs from now in who has it and whether anybody is called."""
    if not 0 < seen <= incident.turn:
        return True
    then = log.state_after(conn, incident.id, seen)
    return then is None or (then.status, then.held_by, then.calling) != (incident.status, incident.held_by, incident.calling)
