"""Slack's Web API as far as a pager needs it: posts, updates, direct messages, people; with Slack's refusals for the usual mistakes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from oncall.sandbox.blocks import problems
from oncall.sandbox.state import Misbehaviour, State
from oncall.sandbox.twilio_api import after_accepting
from oncall.sandbox.workspace import BOT, BOT_USER, TEAM, SlackMessage, Workspace

Json = dict[str, Any]
LARGEST_BODY = 1_000_000
MOST_HISTORY = 999
RETRY_AFTER_S = 1
REFUSALS = {429: "ratelimited", 500: "internal_error", 503: "service_unavailable"}


class SlackRefused(Exception):
    """Slack's word for a mistake, and what it says beside."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.answer = {"ok": False, "error": error, **more}


class SlackApi:
    """Routes of the Web API. `opened` gives the URL for a Socket Mode connection."""

    def __init__(self, state: State, workspace: Workspace, url: Callable[[], str], opened: Callable[[], Awaitable[str]]) -> None:
        self._state = state
        self._workspace = workspace
        self._url = url
        self._opened = opened
        self._methods: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "auth.test": self._auth,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.postEphemeral": self._ephemeral,
            "conversations.open": self._open,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "users.lookupByEmail": self._by_email,
            "users.info": self._info,
            "apps.connections.open": self._connect,
        }

    def routes(self) -> list[Route]:
        """The routes of the API."""
        return [Route("/api/{method}", self._call, methods=["GET", "POST"])]

    @property
    def _wrong(self) -> Misbehaviour:
        """What goes wrong with Slack."""
        return self._state.misbehaviour["slack"]

    async def _call(self, request: Request) -> Response:
        """One call of a method."""
        wrong, name = self._wrong, request.path_params["method"]
        if wrong.refuse:
            status = wrong.refuse[0]
            answer = {"ok": False, "error": REFUSALS.get(status, "fatal_error")}
            return JSONResponse(answer, status_code=status, headers={"Retry-After": str(RETRY_AFTER_S)} if status == 429 else None)
        try:
            given = await arguments(request)
            self._authorised(request, given, name)
            if wrong.refuse_as:
                raise SlackRefused(wrong.refuse_as)
            if name not in self._methods:
                raise SlackRefused("unknown_method", req_method=name)
            answer = {"ok": True, **await self._methods[name](given)}
        except SlackRefused as refusal:
            return JSONResponse(refusal.answer)
        return await after_accepting(request, self._state, wrong, JSONResponse(answer))

    def _authorised(self, request: Request, given: Json, method: str) -> None:
        """SlackRefused without the token that the method takes."""
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        token = bearer if scheme.lower() == "bearer" else str(given.get("token", ""))
        if not token:
            raise SlackRefused("not_authed")
        keys = self._workspace.keys
        wanted, other = (keys.app_token, keys.bot_token) if method == "apps.connections.open" else (keys.bot_token, keys.app_token)
        if not compare_digest(token.encode(), wanted.encode()):
            raise SlackRefused("not_allowed_token_type" if compare_digest(token.encode(), other.encode()) else "invalid_auth")

    async def _auth(self, _given: Json) -> Json:
        return {"url": f"{self._url()}/", "team": "Sandbox", "user": "oncall", "team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT}

    async def _post(self, given: Json) -> Json:
        """chat.postMessage."""
        message = self._message(given)
        if self._wrong.deliver:
            message.under_way = bool(self._wrong.late_s)
            self._workspace.post(message)
            if message.under_way:
                self._state.beside(self._late(message, self._wrong.late_s))
        return {"channel": message.channel, "ts": message.ts, "message": self._workspace.shown(message)}

    async def _late(self, message: SlackMessage, seconds: float) -> None:
        """A message that is seen some time after it was taken."""
        await self._state.pass_by(seconds)
        self._workspace.arrived(message)

    def _message(self, given: Json) -> SlackMessage:
        """A new message of good arguments."""
        channel = self._channel(given)
        text, blocks, metadata = contents(given)
        if not text and not blocks:
            raise SlackRefused("no_text")
        thread = str(given.get("thread_ts") or "")
        if thread and self._workspace.find(channel, thread) is None:
            raise SlackRefused("cannot_reply_to_message")
        return SlackMessage(
            channel=channel, ts=self._workspace.next_ts(), text=text or "", blocks=blocks or [], thread_ts=thread, metadata=metadata or {}
        )  # fmt: skip

    async def _update(self, given: Json) -> Json:
        """chat.update."""
        channel = self._channel(given)
        found = self._workspace.find(channel, str(given.get("ts", "")))
        if found is None:
            raise SlackRefused("message_not_found")
        if found.ephemeral:
            raise SlackRefused("cant_update_message")
        text, blocks, metadata = contents(given)
        if not text and blocks is None:
            raise SlackRefused("no_text")
        if self._wrong.deliver:
            self._workspace.update(found, text, blocks, metadata)
        return {"channel": channel, "ts": found.ts, "text": found.text, "message": self._workspace.shown(found)}

    async def _ephemeral(self, given: Json) -> Json:
        """chat.postEphemeral."""
        message = self._message(given)
        message.only_for = str(given.get("user", ""))
        if self._workspace.member(message.only_for) is None:
            raise SlackRefused("user_not_in_channel")
        if self._wrong.deliver:
            self._workspace.post(message)
        return {"message_ts": message.ts}

    async def _open(self, given: Json) -> Json:
        """conversations.open with one person."""
        asked = given.get("users") or given.get("channel") or ""
        users = [str(each).strip() for each in (asked if isinstance(asked, list) else str(asked).split(",")) if str(each).strip()]
        if not users:
            raise SlackRefused("users_list_not_supplied")
        if len(users) > 1:
            raise SlackRefused("too_many_users")
        found = self._workspace.channel(users[0])
        if not found.startswith("D"):
            raise SlackRefused("user_not_found")
        return {"channel": {"id": found}}

    async def _history(self, given: Json) -> Json:
        """conversations.history: the newest first, without the replies in threads."""
        channel = self._channel(given)
        return self._listed(given, [one for one in reversed(self._workspace.seen(channel)) if one.thread_ts in {"", one.ts} and not one.ephemeral])

    async def _replies(self, given: Json) -> Json:
        """conversations.replies: a thread from its first message on."""
        channel, ts = self._channel(given), str(given.get("ts", ""))
        found = [one for one in self._workspace.seen(channel) if ts in {one.ts, one.thread_ts} and not one.ephemeral]
        if not found:
            raise SlackRefused("thread_not_found")
        return self._listed(given, found)

    def _listed(self, given: Json, messages: list[SlackMessage]) -> Json:
        """A page of messages within what was asked for."""
        oldest, latest = str(given.get("oldest") or "0"), str(given.get("latest") or "")
        cursor, inclusive = str(given.get("cursor") or "0"), true(given.get("inclusive"))
        limit = str(given.get("limit") or 100)
        if not (cursor.isdigit() and limit.isdigit()):
            raise SlackRefused("invalid_cursor" if not cursor.isdigit() else "invalid_limit")
        try:
            after, before = float(oldest), float(latest) if latest else float("inf")
        except ValueError:
            raise SlackRefused("invalid_ts_oldest") from None
        asked = [one for one in messages if after < float(one.ts) < before or (inclusive and one.ts in {oldest, latest})]
        begin, size = int(cursor), min(max(int(limit), 1), MOST_HISTORY)
        shown = [self._workspace.shown(one, metadata=true(given.get("include_all_metadata"))) for one in asked[begin : begin + size]]
        more = begin + size < len(asked)
        return {"messages": shown, "has_more": more, "response_metadata": {"next_cursor": str(begin + size) if more else ""}}

    async def _by_email(self, given: Json) -> Json:
        """users.lookupByEmail."""
        email = str(given.get("email", "")).casefold()
        found = next((one for one in self._workspace.members if email and one.email.casefold() == email), None)
        if found is None:
            raise SlackRefused("users_not_found")
        return {"user": self._workspace.user(found)}

    async def _info(self, given: Json) -> Json:
        """users.info."""
        found = self._workspace.member(str(given.get("user", "")))
        if found is None:
            raise SlackRefused("user_not_found")
        return {"user": self._workspace.user(found)}

    async def _connect(self, _given: Json) -> Json:
        """apps.connections.open."""
        return {"url": await self._opened()}

    def _channel(self, given: Json) -> str:
        """The channel that is meant."""
        found = self._workspace.channel(str(given.get("channel", "")))
        if not found:
            raise SlackRefused("channel_not_found")
        return found


async def arguments(request: Request) -> Json:
    """The arguments of a call: query, form or JSON; SlackRefused if they cannot be read."""
    body = await request.body()
    if len(body) > LARGEST_BODY:
        raise SlackRefused("request_too_large")
    given: Json = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            found = json.loads(body or b"{}")
        except ValueError:
            raise SlackRefused("invalid_json") from None
        if not isinstance(found, dict):
            raise SlackRefused("json_not_object")
        return given | found
    return given | {name: str(value) for name, value in (await request.form()).items()}


def contents(given: Json) -> tuple[str | None, list[Json] | None, Json | None]:
    """Text, blocks and metadata of a message, None for what is absent; SlackRefused for blocks that Slack would not take."""
    text = given.get("text")
    blocks, metadata = decoded(given.get("blocks"), "invalid_blocks_format"), decoded(given.get("metadata"), "invalid_metadata_format")
    if blocks is not None and not isinstance(blocks, list):
        raise SlackRefused("invalid_blocks_format")
    if metadata is not None and not (isinstance(metadata, dict) and {"event_type", "event_payload"} <= set(metadata)):
        raise SlackRefused("invalid_metadata_schema")
    if found := problems(blocks or []):
        raise SlackRefused("invalid_blocks", errors=found, response_metadata={"messages": [f"[ERROR] {each}" for each in found]})
    return (None if text is None else str(text)), blocks, metadata


def decoded(given: Any, error: str) -> Any:
    """An argument that a form carries as JSON."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given) if given else None
    except ValueError:
        raise SlackRefused(error) from None


def true(given: Any) -> bool:
    """Whether a flag is set, in JSON or in a form."""
    return str(given).lower() in {"true", "1"}
