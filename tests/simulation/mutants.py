"""Faults planted on purpose, as small changes of the package's source: the checker must find each, or it proves nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A planted fault: `old` becomes `new` in `file`; `found_as` are the invariants that may name it."""

    name: str
    file: str
    old: str
    new: str
    found_as: tuple[str, ...]


MUTANTS = (
    Mutant(
        name="a page goes out after the acknowledgement",
        file="core/escalation/wanted.py",
        old="    if not incident.calling:\n",
        new="    if False:\n",
        found_as=("I14",),
    ),
    Mutant(
        name="a step waits half as long as it should",
        file="core/escalation/sending.py",
        old="        over = draft.at + incident.steps[incident.step].wait\n",
        new="        over = draft.at + incident.steps[incident.step].wait / 2\n",
        found_as=("I4",),
    ),
    Mutant(
        name="the last step and the last resort are paged once and never again",
        file="core/escalation/steps.py",
        old="    exhausted(draft, also=lapsed.also if lapsed else ())\n",
        new=(
            "    if draft.incident.last_resort_called:\n"
            '        draft.clock("step", draft.at + HAND_OVER_GRACE)\n'
            '        draft.why("enough")\n'
            "    else:\n"
            "        exhausted(draft, also=lapsed.also if lapsed else ())\n"
        ),
        found_as=("I2",),
    ),
    Mutant(
        name="the last resort is never called",
        file="core/escalation/steps.py",
        old="    resort = tuple(who for who in last_resort(draft) if who != incident.held_by)\n",
        new="    resort = ()\n    incident = draft.incident\n",
        found_as=("I2", "I4"),
    ),
    Mutant(
        name="others who were paged are not told who has it",
        file="core/escalation/taking.py",
        old="        if page.reached and page.person not in",
        new="        if not page.reached and page.person not in",
        found_as=("I15",),
    ),
    Mutant(
        name="a code is given out again at once",
        file="store/codes.py",
        old="    return frozenset(bound.code for bound in bound_to(conn, person, at))\n",
        new="    return frozenset()\n",
        found_as=("C1", "died"),
    ),
    Mutant(
        name="the customer is told 'we are calling' before any provider has a page",
        file="core/escalation/opening.py",
        old='        start_paging(draft)\n        draft.result = "paging"\n    elif verdict',
        new='        start_paging(draft)\n        draft.notify("received")\n        draft.result = "paging"\n    elif verdict',
        found_as=("H1",),
    ),
    Mutant(
        name="a notice that is no longer true still goes out",
        file="core/escalation/wanted.py",
        old="    return found.get(about, False)\n",
        new="    return False\n",
        found_as=("H1", "H2", "H3"),
    ),
    Mutant(
        name="a missed promise is not declared",
        file="core/escalation/promise.py",
        old="    if draft.at >= promise.contact_by:\n        missed(draft)\n",
        new="    if draft.at >= promise.contact_by:\n        pass\n",
        found_as=("H4", "I8"),
    ),
    Mutant(
        name="a promise is declared missed five minutes early",
        file="core/escalation/promise.py",
        old="    if draft.at >= promise.contact_by:\n",
        new="    if draft.at >= promise.contact_by - ASK_BEFORE:\n",
        found_as=("H4",),
    ),
    Mutant(
        name="the send is decided, but its order is not committed",
        file="store/incidents.py",
        old="    log.append(conn, fact, decision, state)\n",
        new="    import dataclasses\n    log.append(conn, fact, dataclasses.replace(decision, orders=()), state)\n",
        found_as=("I3",),
    ),
    Mutant(
        name="a send is tried without end",
        file="engine/sending.py",
        old="\nATTEMPTS = 3\n",
        new="\nATTEMPTS = 50\n",
        found_as=("I9",),
    ),
    Mutant(
        name="a lease ends before its send does",
        file="engine/sending.py",
        old="LEASE = timedelta(seconds=15)\n",
        new="LEASE = timedelta(milliseconds=300)\n",
        found_as=("I9", "I31"),
    ),
    Mutant(
        name="an answering handset acknowledges",
        file="core/escalation/sending.py",
        old='    draft.why("delivered")\n',
        new=(
            '    draft.why("delivered")\n'
            "    from oncall.core.escalation.taking import hold\n"
            "    if not draft.incident.held_by and page is not None and draft.incident.calling:\n"
            "        hold(draft, page.person)\n"
        ),
        found_as=("I7",),
    ),
    Mutant(
        name="the wake-up after a decision is lost",
        file="store/incidents.py",
        old='        "wake_at": None if incident.wake_at is None else micros(incident.wake_at),\n',
        new='        "wake_at": None if incident.wake_at is None else micros(incident.wake_at) + 600_000_000,\n',
        found_as=("I8",),
    ),
    Mutant(
        name="a page that may have arrived when we died is forgotten",
        file="engine/sending.py",
        old='        if row.state == "sending" and (unwanted or row.attempts >= ATTEMPTS):\n',
        new="        if False:\n",
        found_as=("I15", "I9"),
    ),
    Mutant(
        name="a second try is another order",
        file="engine/sending.py",
        old="    outgoing = Outgoing(\n        order=order.id,\n",
        new='    outgoing = Outgoing(\n        order=order.id if mine.attempt == 1 else f"{order.id}.{mine.attempt}",\n',
        found_as=("I3",),
    ),
    Mutant(
        name="a snooze has no end",
        file="core/escalation/taking.py",
        old='    draft.clock("snooze", until)\n',
        new='    draft.clock("snooze", until + timedelta(days=1))\n',
        found_as=("I18",),
    ),
    Mutant(
        name="the customer is told that somebody has it when a page is out",
        file="core/escalation/sending.py",
        old='        draft.notify("received")\n',
        new='        draft.notify("taken")\n',
        found_as=("H2", "H5"),
    ),
    Mutant(
        name="an acknowledgement keeps the promise",
        file="core/escalation/taking.py",
        old='    draft.notify("taken")\n    draft.result = "taken"\n',
        new='    draft.notify("taken")\n    promise.keep(draft)\n    draft.result = "taken"\n',
        found_as=("H4",),
    ),
    Mutant(
        name="an answer that comes after its receipt takes the receipt back",
        file="core/escalation/reach.py",
        old="    if RANKS[state] > RANKS[known.state]:\n",
        new="    if state is not known.state:\n",
        found_as=("I16",),
    ),
    Mutant(
        name="trouble on one way brings no other forward",
        file="core/escalation/reach.py",
        old="    if not any(one.state in WELL for one in page.waking):\n",
        new="    if False:\n",
        found_as=("I11",),
    ),
    Mutant(
        name="a text without a receipt is believed for ever",
        file="core/escalation/reach.py",
        old="    return min(handed) + SILENT_AFTER if handed else None\n",
        new="    return None\n",
        found_as=("I13",),
    ),
    Mutant(
        name="a telephone rings on after somebody took it",
        file="core/escalation/taking.py",
        old='    reach.end_calls(draft, but=fact.by if fact.how == "voice" else "")\n',
        new="",
        found_as=("I14",),
    ),
    Mutant(
        name="a call that was answered by nobody acknowledges",
        file="core/escalation/sending.py",
        old='    draft.why(f"the call ended without a key: {fact.reason}")\n',
        new=(
            '    draft.why(f"the call ended without a key: {fact.reason}")\n'
            "    from oncall.core.escalation.taking import hold\n"
            "    if not draft.incident.held_by and page is not None and draft.incident.calling:\n"
            "        hold(draft, page.person)\n"
        ),
        found_as=("I7",),
    ),
    Mutant(
        name="one who passes it on stops the others of the step",
        file="core/escalation/taking.py",
        old="    if called_now(draft):\n        answer(",
        new="    if False:\n        answer(",
        found_as=("I4",),
    ),
    Mutant(
        name="a customer who could not be told is forgotten",
        file="core/escalation/customer.py",
        old="        tell_somebody(draft, reason)\n",
        new="        draft.why(reason)\n",
        found_as=("H7",),
    ),
    Mutant(
        name="a notice that fails goes round in circles",
        file="core/escalation/customer.py",
        old="    behind = known[[one for one, _ in known].index(way) + 1 :] if way in dict(known) else known\n",
        new="    behind = tuple(one for one in known if one[0] != way)\n",
        found_as=("H7",),
    ),
    Mutant(
        name="anybody can let it wait",
        file="core/escalation/severity.py",
        old="    if incident.held_by != fact.by:\n",
        new="    if False:\n",
        found_as=("I2", "I7"),
    ),
    Mutant(
        name="what grows worse puts the promised time off",
        file="core/escalation/severity.py",
        old="    if not made.pending or by >= made.contact_by:\n",
        new="    if not made.pending:\n",
        found_as=("H4",),
    ),
    Mutant(
        name="a case that waits is let go before the customer was called",
        file="core/escalation/severity.py",
        old="    if incident.promise is not None and incident.promise.pending:\n",
        new="    if False:\n",
        found_as=("H4",),
    ),
)
