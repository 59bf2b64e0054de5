"""Health: alive is not the same as able to page, and the numbers say what happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from oncall.web.health import unready
from oncall.web.limits import RateLimit
from tests.web.standing import ANA, DESK_KEY, Standing, play, wait_for


async def metrics(doors: Standing) -> dict[str, float]:
    """Every sample of /metrics by its full name."""
    async with doors.public.get(f"{doors.url}/metrics") as response:
        lines = (await response.text()).splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def test_ready_when_the_engine_turns(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        await wait_for(lambda: doors.parts.engine.last_turn)
        assert await doors.call("GET", "/readyz", key=DESK_KEY) == (200, {"ok": True, "reasons": []})

    play(tmp_path, story)


def test_not_ready_with_every_reason(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        await wait_for(lambda: doors.parts.engine.last_turn)
        now = doors.parts.now()
        sick = replace(doors.parts, channels={"sms": False, "email": True}, now=lambda: now + timedelta(seconds=11), last_write=lambda: None)
        reasons = unready(sick)
        assert len(reasons) == 3
        assert reasons[0].startswith("the last time that the engine turned was 1")
        assert reasons[1:] == ["the last time that the store was written was never", "no channel that pages is on, so nobody can be paged"]

    play(tmp_path, story)


def test_the_metrics_tell_an_incident(tmp_path: Path) -> None:
    async def story(doors: Standing) -> None:
        _, answer = await doors.call("POST", "/v1/emergencies", {"summary": "down", "contact": {"phone": "+15125550199"}}, key=DESK_KEY)
        await doors.carrier.received(ANA)
        await doors.carrier.received("+15125550199")
        await doors.call("POST", f"/v1/incidents/{answer['incident']}/contacted", {"by": "ana"}, key=DESK_KEY)
        await wait_for(lambda: any("Yours:" in one.text for one in doors.carrier.sent))
        seen = await metrics(doors)
        assert seen['oncall_incidents{severity="sev1",state="acknowledged"}'] == 1
        assert seen['oncall_incidents_opened_total{channel="api",severity="sev1"}'] == 1
        assert seen['oncall_page_attempts_total{channel="sms",provider="twilio",result="sent"}'] >= 1
        assert seen['oncall_customer_notices_total{channel="sms",result="sent",stage="received"}'] == 1
        assert seen['oncall_target_met_total{severity="sev1",target="contact"}'] == 1
        assert seen["oncall_dispatch_delay_seconds_count"] >= 2
        assert seen["oncall_engine_last_tick_timestamp_seconds"] > 0
        assert not any("ana" in name or "5550" in name for name in seen)

    play(tmp_path, story)


def test_a_bucket_of_requests_fills_up_again() -> None:
    seconds = [0.0]
    rate = RateLimit(lambda: seconds[0], per_minute=60)
    assert [rate.wait_s("shop") for _ in range(60)] == [0.0] * 60
    assert rate.wait_s("shop") == 1.0
    assert rate.wait_s("desk") == 0.0
    seconds[0] = 1.0
    assert rate.wait_s("shop") == 0.0
