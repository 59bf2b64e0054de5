"""The forms of the handsets: texts, calls with their keys, how a telephone behaves, and what the carrier does wrong."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from oncall.sandbox.carrier import Carrier
from oncall.sandbox.faults import FAULTS
from oncall.sandbox.forms import back, field, form_route, said
from oncall.sandbox.line import Behaviour
from oncall.sandbox.state import FAULTY, Handset, Numbers, State
from oncall.sandbox.telephones import NoCall, Telephones
from oncall.sandbox.twiml import KEYS

LONGEST_REPLY, LONGEST_CHOICE = 1600, 40


class HandsetForms:
    """Routes of the handsets; `customer` texts another number than the people do."""

    def __init__(
        self, state: State, numbers: Numbers, handsets: list[Handset], customer: Handset, carrier: Carrier, telephones: Telephones
    ) -> None:  # fmt: skip
        self._state = state
        self._numbers = numbers
        self._handsets = {one.id: one for one in handsets}
        self._customer = customer
        self._carrier = carrier
        self._telephones = telephones
        self._acts = {"answer": telephones.answer, "decline": telephones.decline, "hang-up": telephones.hang_up}

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        return [
            form_route("/reply/{handset}", self._reply),
            form_route("/call/{act}/{handset}", self._act),
            form_route("/key/{handset}", self._key),
            form_route("/behaviour/{handset}", self._behaviour),
            form_route("/fault/{kind}", self._fault),
        ]

    def _handset(self, request: Request) -> Handset | None:
        """The handset of the path."""
        return self._handsets.get(request.path_params["handset"])

    async def _reply(self, request: Request) -> Response:
        """A handset texts: people text the staff's number, the customer theirs."""
        handset = self._handset(request)
        if handset is None:
            return said(404, "there is no such handset")
        body = await field(request, "body", LONGEST_REPLY)
        if body:
            to = self._numbers.customers if handset is self._customer else self._numbers.staff
            await self._carrier.texted(handset.number, to, body)
        return back(f"handset-{handset.id}")

    async def _act(self, request: Request) -> Response:
        """A handset answers, declines or hangs up; a call that is no longer there is no mistake of the person."""
        handset, act = self._handset(request), self._acts.get(request.path_params["act"])
        if handset is None or act is None:
            return said(404, "there is no such handset or act")
        try:
            await act(handset.number)
        except NoCall:
            self._state.touch()
        return back(f"handset-{handset.id}")

    async def _key(self, request: Request) -> Response:
        """A handset's key; it does nothing when there is no call."""
        handset, key = self._handset(request), await field(request, "key", LONGEST_CHOICE)
        if handset is None or key not in KEYS:
            return said(404, "there is no such handset or key")
        try:
            self._telephones.press(handset.number, key)
        except NoCall:
            self._state.touch()
        return back(f"handset-{handset.id}")

    async def _behaviour(self, request: Request) -> Response:
        """What a telephone does from now on when it is called."""
        handset, chosen = self._handset(request), await field(request, "behaviour", LONGEST_CHOICE)
        if handset is None or chosen not in set(Behaviour):
            return said(404, "there is no such handset or behaviour")
        self._state.behaviours[handset.number] = Behaviour(chosen)
        self._state.touch()
        return back("purpose")

    async def _fault(self, request: Request) -> Response:
        """What goes wrong from now on with texts, calls or Slack."""
        kind, chosen = request.path_params["kind"], await field(request, "fault", LONGEST_CHOICE)
        if kind not in FAULTY or chosen not in FAULTS:
            return said(404, "there is nothing of this kind that could go wrong")
        self._state.misbehaviour[kind] = replace(FAULTS[chosen])
        self._state.touch()
        return back("purpose")
