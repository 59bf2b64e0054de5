"""The table of probes, and how they are asked: all at the same time, none longer than its deadline, none able to stop another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from oncall.cli.client import ask
from oncall.cli.doctor import machine, mail, providers, running
from oncall.cli.doctor.look import Look, Patient, in_thread, problem
from oncall.cli.output import Failed
from oncall.cli.planning import now
from oncall.logs import Mask
from oncall.settings import Settings

PROBE_WITHIN_S = 5.0

Probe = Callable[[Patient], Awaitable[list[Look]]]

PROBES: Mapping[str, Probe] = {
    "environment": machine.environment,
    "clock": machine.clock,
    "disk": machine.disk,
    "daemon": running.daemon,
    "database": running.database,
    "twilio": providers.twilio,
    "webhook": providers.webhook,
    "slack": providers.slack,
    "mail": mail.mail,
    "watcher": running.watcher,
}
"""Every probe by its name, in the order in which they are told."""


async def examined(settings: Settings) -> dict[str, list[Look]]:
    """What every probe found."""
    status, silence = None, ""
    try:
        status = await asyncio.wait_for(in_thread(lambda: ask("GET", "/v1/status")), PROBE_WITHIN_S)
    except Failed as failure:
        silence = failure.message
    except TimeoutError:
        silence = f"it did not answer within {PROBE_WITHIN_S:g} s"
    patient = Patient(settings=settings, now=now, status=status, silence=silence)
    looks = await asyncio.gather(*(looked(probe, patient) for probe in PROBES.values()))
    mask = Mask(settings.secret_values)
    return {name: [masked(one, mask) for one in found] for name, found in zip(PROBES, looks, strict=True)}


async def looked(probe: Probe, patient: Patient) -> list[Look]:
    """What one probe found; one that breaks or is too slow has found that."""
    try:
        return await asyncio.wait_for(probe(patient), PROBE_WITHIN_S)
    except TimeoutError:
        return [problem(f"no answer within {PROBE_WITHIN_S:g} s", "is the network slow, or the other side?")]
    except Exception as error:  # noqa: BLE001 -- one probe's bug must not hide what the others found
        return [problem(f"could not be looked at ({type(error).__name__}: {error})", "please report this")]


def masked(look: Look, mask: Mask) -> Look:
    """The look without secrets and telephone numbers, whatever put them in."""
    return Look(state=look.state, text=mask.text(look.text), hint=mask.text(look.hint))
