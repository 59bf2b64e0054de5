"""One seed, one night: what happens in it is drawn from the seed alone, and the checker says what went wrong."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import random
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection

from oncall.core.invariants import Committed, Event, Violation, check
from oncall.core.messages import Contact, Reported
from oncall.store import incidents, log
from tests.simulation.books import book
from tests.simulation.loop import VirtualLoop
from tests.simulation.people import People
from tests.simulation.world import Crash, World

T = TypeVar("T")

HOURS = 1.5
WAYS = (("sms", "voice", "slack"), ("sms", "voice", "slack"), ("sms", "voice"), ("sms",), ("sms", "slack"))
"""What is switched on, of nights drawn with equal chance."""
MAIL = 0.4
"""The share of nights with a mail server, which some customers have nothing but."""
CALM_S = 2100.0
"""At the end of every second troubled night nothing is broken any more, so that everything must come to its end."""


@dataclass(frozen=True, kw_only=True)
class Night:
    """What came of a seed. `fingerprint` is a hash of the whole history: the same seed gives the same one."""

    seed: int
    events: int
    crashes: int
    incidents: int
    fingerprint: str
    violations: tuple[Violation, ...]
    history: tuple[Event, ...]


def play(seed: int, hours: float = HOURS) -> Night:
    """Plays the night of `seed`."""
    return on_virtual_time(night(seed, hours))


def on_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    """Runs `work` on a loop of its own. Whatever fails beside it, but for planned crashes, fails it too."""
    loop = VirtualLoop()
    failures: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _loop, context: None if isinstance(context.get("exception"), Crash) else failures.append(context))
    try:
        asyncio.set_event_loop(loop)
        result = loop.run_until_complete(work)
        gc.collect()
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    assert not failures, failures
    return result


async def night(seed: int, hours: float) -> Night:
    """The night itself."""
    rng = random.Random(seed)
    # Drawn apart, so that it moves nothing in the nights without mail.
    mail = random.Random(f"mail {seed}")
    by_mail = mail.random() < MAIL
    world = World(rng, book(rng), rng.choice(WAYS) + (("email",) if by_mail else ()))
    customers = {f"+3165550{number:04}" for number in range(4)}
    people = People(world, random.Random(seed + 1), customers, nobody_wakes=rng.random() < 0.15)
    world.one_line = rng.random() < 0.2
    world.boot()
    if rng.random() < 0.3:
        world.beside(people.colleague())
    length_s = hours * 3600
    if seed % 2:
        world.beside(trouble(world, random.Random(seed + 2), length_s - CALM_S if seed % 4 == 1 else length_s))
    for number in range(rng.randint(1, 6)):
        contact_of = random.Random(f"contact {seed} {number}") if by_mail else None
        world.beside(reporter(world, rng, number, rng.uniform(0, length_s * 0.6), sorted(customers), contact_of))
    await asyncio.sleep(length_s)
    end = await world.end()
    found = world.store.look(lambda conn: audit(conn, world, end))
    await world.store.close()
    return judged(seed, world, end, found)


def audit(conn: Connection, world: World, end: datetime) -> tuple[Violation, ...]:
    """I36: the store holds what the log says, and the log's chain is whole."""
    last = {event.entry.decision.incident.id: event.entry.decision.incident for event in world.history if isinstance(event, Committed)}
    found: list[Violation] = []
    for name, incident in last.items():
        problems = log.verify(conn, name, incident.turn)
        if incidents.load(conn, name) != incident:
            problems.append("the state is not what the last line of the log says")
        found.extend(Violation(invariant="I36", incident=name, at=end, seen=problem) for problem in problems)
    return tuple(found)


def judged(seed: int, world: World, end: datetime, found: tuple[Violation, ...]) -> Night:
    """The night with what the checker says of it."""
    history = tuple(world.history)
    digest = hashlib.sha256("\n".join(repr(event) for event in history).encode()).hexdigest()
    return Night(
        seed=seed,
        events=len(history),
        crashes=world.crashes,
        incidents=len(world.incidents),
        fingerprint=digest[:16],
        violations=(*found, *check(history, end)),
        history=history,
    )


async def reporter(
    world: World, rng: random.Random, number: int, after_s: float, customers: list[str], mail: random.Random | None
) -> None:  # fmt: skip
    """Somebody reports an emergency, perhaps twice, perhaps without a number, perhaps one that can wait; with `mail`, perhaps with an address."""
    await asyncio.sleep(after_s)
    known = rng.random() < 0.8
    report = Reported(
        at=world.clock.now(),
        seed=f"{rng.getrandbits(128):032x}",
        source="api",
        channel=rng.choice(["api", "sms", "phone"]),
        severity=rng.choice(["", "", "", "sev1", "sev2"]),
        summary=rng.choice(["Checkout is down", "Backups fail", "A question about the invoice", "Everything is slow 😀", "Billing", "The SDK"]),
        contact=Contact(name="Example Customer", phone=rng.choice(customers)) if known else Contact(),
        dedup_key=rng.choice(["", "", "disk"]),
    )
    report = with_address(report, number, mail) if mail is not None else report
    await world.report(report, f"api:{number}")
    if rng.random() < 0.3:
        await asyncio.sleep(rng.uniform(1, 300))
        await world.report(report, f"api:{number}")


def with_address(report: Reported, number: int, mail: random.Random) -> Reported:
    """The report of somebody who gave a mail address, beside their number or instead of it, or of nobody who did."""
    given, address = mail.choice(["mail", "both", "both", "number"]), f"customer{number}@customer.example"
    if given == "number":
        return report
    contact = replace(report.contact, email=address) if given == "both" else Contact(name=report.contact.name, email=address)
    return replace(report, contact=contact, channel="email" if mail.random() < 0.3 else report.channel)


async def trouble(world: World, rng: random.Random, until_s: float) -> None:
    """Things break, one after the other, until `until_s`."""
    for carrier in world.carriers.values():
        carrier.faulty = rng.choice([0.0, 0.1, 0.4])
    crashing = rng.choice([0.0, 0.002, 0.01])
    world.crash_chance = lambda _point: rng.random() < crashing
    failing = rng.choice([0.0, 0.0, 0.01])
    world.store.hiccup = lambda: rng.random() < failing and world.hiccup()
    while asyncio.get_running_loop().time() < until_s:
        await asyncio.sleep(rng.uniform(60, 1500))
        match rng.choice(["crash", "full", "down", "suspend", "back", "calm", "edit"]):
            case "crash":
                world.crash()
            case "full":
                await world.full_disk(rng.uniform(1, 60))
            case "down":
                # One provider carries texts and calls; Slack is another's.
                fallen = rng.choice([("sms", "voice"), ("sms",), ("voice",), ("slack", "email"), ("sms", "voice", "slack")])
                await down(world, fallen, rng.uniform(10, 1200))
            case "suspend":
                world.jump(timedelta(seconds=rng.uniform(2, 1800)))
            case "back":
                world.jump(timedelta(seconds=-rng.uniform(1, 120)))
            case "edit":
                world.book = book(rng)
            case _:
                pass
    world.crash_chance, world.store.hiccup = lambda _point: False, lambda: False
    world.store.full = False
    for carrier in world.carriers.values():
        carrier.faulty, carrier.down = 0.0, False


async def down(world: World, ways: tuple[str, ...], seconds: float) -> None:
    """The carriers of some ways refuse everything for a while."""
    fallen = [carrier for way, carrier in world.carriers.items() if way in ways]
    for carrier in fallen:
        carrier.down = True
    await asyncio.sleep(seconds)
    for carrier in fallen:
        carrier.down = False
