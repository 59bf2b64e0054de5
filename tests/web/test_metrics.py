"""What is counted for Prometheus: target-aligned buckets, first takes and contacts alone, and why incidents went up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oncall.core.messages import Delivered, HandedOver, OrderKind, Reopened
from oncall.web.metrics import Metrics
from tests.core.escalation.player import Player

EDGES = ("30.0", "60.0", "120.0", "300.0", "600.0", "900.0", "1800.0", "3600.0", "7200.0", "+Inf")


class Counted:
    """A player whose every decision is counted, as the engine does it."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self._metrics = Metrics()
        self._seen = 0
        self.catch_up("Reported")

    def catch_up(self, fact: str) -> None:
        """Counts what was decided since; `fact` led to the first of it, and providers to the rest."""
        decisions = self.player.decisions
        for index in range(self._seen, len(decisions)):
            before = decisions[index - 1].incident if index else None
            self._metrics.decided(fact if index == self._seen else "HandedOver", before, decisions[index].incident)
        self._seen = len(decisions)

    def act(self, verb: str, by: str) -> None:
        """A responder texts."""
        self.player.act(verb, by)
        self.catch_up({"acknowledge": "Acknowledged", "pass": "Passed", "escalate": "Escalated"}.get(verb, verb.title()))

    def after(self, **span: float) -> None:
        """Time passes."""
        end = self.player.at + timedelta(**span)
        while self.player.incident.wake_at is not None and self.player.incident.wake_at <= end:
            self.player.after(seconds=(self.player.incident.wake_at - self.player.at).total_seconds())
            self.catch_up("TimeCame")
        self.player.at = end

    def samples(self) -> dict[str, float]:
        """Every sample by its full name."""
        lines = self._metrics.page({}, None, 0.0).decode().splitlines()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def test_only_the_first_take_is_a_take() -> None:
    """Taken after six minutes, passed on, taken again: one take, of six minutes."""
    counted = Counted(Player())
    counted.after(minutes=6)
    counted.act("acknowledge", "ben")
    counted.act("pass", "ben")
    counted.after(minutes=1)
    counted.act("acknowledge", "chloe")
    seen = counted.samples()
    assert (seen['oncall_take_seconds_count{severity="sev1"}'], seen['oncall_take_seconds_sum{severity="sev1"}']) == (1, 360)
    edges = [seen[f'oncall_take_seconds_bucket{{le="{edge}",severity="sev1"}}'] for edge in EDGES]
    assert edges == [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]


def test_a_contact_is_measured_from_its_promise_by_severity_and_channel() -> None:
    """Kept after eight minutes; the case is opened anew, and the second contact is late."""
    counted = Counted(Player())
    counted.after(minutes=8)
    counted.act("contacted", "ana")
    counted.act("resolve", "ana")
    counted.after(minutes=60)
    counted.player.fact(Reopened(at=counted.player.at, by="customer", how="sms"))
    counted.catch_up("Reopened")
    counted.after(minutes=20)
    counted.act("contacted", "ana")
    seen = counted.samples()
    labels = '{channel="api",severity="sev1"}'
    assert (seen[f"oncall_first_contact_seconds_count{labels}"], seen[f"oncall_first_contact_seconds_sum{labels}"]) == (2, 480 + 1200)
    assert seen['oncall_target_met_total{severity="sev1",target="contact"}'] == 1
    assert seen['oncall_target_missed_total{severity="sev1",target="contact"}'] == 1


def test_why_incidents_went_up() -> None:
    counted = Counted(Player())
    counted.act("pass", "ana")
    counted.after(minutes=5.5)
    counted.act("acknowledge", "priya")
    counted.act("escalate", "priya")
    seen = counted.samples()
    assert {name: value for name, value in seen.items() if name.startswith("oncall_escalations_total")} == {
        'oncall_escalations_total{reason="passed"}': 1, 'oncall_escalations_total{reason="no answer"}': 1,
        'oncall_escalations_total{reason="help"}': 1,
    }  # fmt: skip


def test_an_acknowledgement_that_lapsed_is_a_reason_of_its_own() -> None:
    counted = Counted(Player())
    counted.act("acknowledge", "ana")
    counted.after(minutes=41)
    assert counted.samples()['oncall_escalations_total{reason="lapsed"}'] == 1


@pytest.mark.parametrize(("way", "count"), [("sms", 1), ("voice", 0)])
def test_delivery_is_from_a_providers_acceptance_to_the_handset(way: str, count: int) -> None:
    """Seven seconds; a second receipt is none, and an answered call is no delivery."""
    player = Player(hand_over=False, ways=("sms", "voice"))
    counted = Counted(player)
    player.after(seconds=100)
    counted.catch_up("TimeCame")
    order = next(order for order in player.orders if order.kind is OrderKind.PAGE and order.way == way)
    player.fact(HandedOver(at=player.at, order=order.id, provider_id="SM1"))
    counted.catch_up("HandedOver")
    player.at += timedelta(seconds=7)
    for _ in range(2):
        player.fact(Delivered(at=player.at, order=order.id))
        counted.catch_up("Delivered")
    seen = counted.samples()
    assert (seen["oncall_page_delivery_seconds_count"], seen["oncall_page_delivery_seconds_sum"]) == (count, 7 * count)


@pytest.mark.parametrize("name", ["oncall_page_delivery_seconds", "oncall_dispatch_delay_seconds"])
def test_what_takes_seconds_has_fine_buckets_and_those_of_the_targets(name: str) -> None:
    seen = Counted(Player()).samples()
    assert all(f'{name}_bucket{{le="{edge}"}}' in seen for edge in ("1.0", "5.0", "15.0", *EDGES))
