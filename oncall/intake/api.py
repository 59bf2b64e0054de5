"""The report as JSON, the body of POST /v1/emergencies: strict about names and types, lenient about what can still be paged."""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from oncall.core.messages import Contact, Reported
from oncall.core.model import CHANNELS_OF_REPORT
from oncall.intake.mails import usable
from oncall.intake.phones import international
from oncall.intake.report import Received, Refused, Why

LARGEST_BODY = 64 * 1024
"""Bytes of a report at most (architecture.md); asked before anything is parsed."""

Short = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(max_length=64, strip_whitespace=True)]


class CallBack(BaseModel):
    """Who to call back. 254 characters is the longest e-mail address that works (RFC 5321)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Short = ""
    phone: Name = ""
    email: Annotated[str, StringConstraints(max_length=254, strip_whitespace=True)] = ""


class Emergency(BaseModel):
    """The fields of a report. Limits keep one report from filling a page; 255 is what other tools allow for a dedup key."""

    model_config = ConfigDict(extra="forbid", strict=True)

    summary: Annotated[str, StringConstraints(min_length=1, max_length=1024, strip_whitespace=True)]
    details: Annotated[str, StringConstraints(max_length=16_000)] = ""
    service: Name = ""
    severity: Name = ""
    customer: Short = ""
    contact: CallBack = Field(default_factory=CallBack)
    channel: Literal["phone", "sms", "email", "form", "chat", "portal", "api"] = Field(default="api")
    dedup_key: Annotated[str, StringConstraints(max_length=255)] = ""


def read(raw: bytes, *, at: datetime, seed: str, source: str) -> Received:
    """Reads a JSON report. An emergency is never refused for its contact: what we cannot use of that goes into the details."""
    if len(raw) > LARGEST_BODY:
        raise Refused(Why.TOO_LARGE, f"the report is larger than {LARGEST_BODY // 1024} KiB")
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise Refused(Why.NOT_READABLE, f"the report is not text in UTF-8 (byte {error.start})") from error
    try:
        emergency = Emergency.model_validate_json(raw)
    except ValidationError as error:
        raise refusal(error) from error
    phone, no_phone = international(emergency.contact.phone)
    email, no_email = usable(emergency.contact.email)
    as_given = (
        f"Contact's phone as given: {emergency.contact.phone}" if no_phone else "",
        f"Contact's email as given: {emergency.contact.email}" if no_email else "",
    )
    fact = Reported(
        at=at,
        seed=seed,
        source=source,
        channel=emergency.channel,
        summary=emergency.summary,
        details="\n".join(part for part in (emergency.details, *as_given) if part),
        service=emergency.service,
        severity=emergency.severity,
        customer=emergency.customer,
        contact=Contact(name=emergency.contact.name, phone=phone, email=email),
        dedup_key=emergency.dedup_key,
    )
    return Received(fact=fact, remarks=tuple(remark for remark in (no_phone, no_email) if remark))


def refusal(error: ValidationError) -> Refused:
    """What is wrong, in words for whoever sent it; the values themselves are not repeated."""
    problems = error.errors(include_url=False, include_input=False, include_context=True)
    broken = next((one for one in problems if one["type"] == "json_invalid"), None)
    if broken is not None:
        return Refused(Why.NOT_READABLE, f"the report is not JSON: {broken.get('ctx', {}).get('error', broken['msg'])}")
    if any(not one["loc"] for one in problems):
        return Refused(Why.NOT_READABLE, "the report must be a JSON object: {...}")
    fields = {".".join(str(part) for part in one["loc"]): problem_of(one["type"], one["msg"], str(one["loc"][-1])) for one in problems}
    return Refused(Why.WRONG_FIELDS, "the report has fields that cannot be used", fields)


def problem_of(kind: str, message: str, name: str) -> str:
    """One field's problem; an unknown field gets the nearest known name."""
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        near = get_close_matches(name, [*Emergency.model_fields, *CallBack.model_fields], n=1)
        return "is no field of a report" + (f"; did you mean {near[0]}?" if near else "")
    if kind == "literal_error":
        return f"must be one of {', '.join(CHANNELS_OF_REPORT)}"
    return message[0].lower() + message[1:]
