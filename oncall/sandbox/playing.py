"""Plays the documents of one answered call: speaks at the pace of a voice, listens for keys, and fetches what comes next from the daemon."""

from __future__ import annotations

import asyncio
from urllib.parse import urljoin, urlsplit

from oncall.sandbox.line import Call
from oncall.sandbox.state import State
from oncall.sandbox.twiml import BadDocument, Gather, Pause, Redirect, Say, Verb, document
from oncall.sandbox.webhooks import LONGEST_ANSWER, PLACES, Webhooks

WORDS_PER_MINUTE = 150
MOST_DOCUMENTS = 100
"""A document that leads to itself must end some day."""
LONGEST_CALL_S = 1800
"""Nobody listens longer than half an hour (Twilio's own limit is four hours)."""
MEDIA_TYPES = {"text/xml", "application/xml", "text/html"}
"""What Twilio takes for a document."""
SORRY = "We are sorry, an application error has occurred. Goodbye."
"""What Twilio says when a document cannot be played."""


class Player:
    """One call from the answer to the end of what it has to say."""

    def __init__(self, call: Call, state: State, webhooks: Webhooks) -> None:
        self._call = call
        self._state = state
        self._webhooks = webhooks
        self._url = ""

    async def play(self) -> None:
        """Plays until a document ends; a trouble is heard and shown, and ends the call too."""
        try:
            async with asyncio.timeout(LONGEST_CALL_S / self._state.speed):
                await self._documents()
        except BadDocument as error:
            self._call.add("trouble", f"Application error: {error}")
            self._state.touch()
            await self._say(Say(words=SORRY))
        except TimeoutError:
            self._call.add("trouble", f"Nobody listens longer than {LONGEST_CALL_S // 60} minutes.")

    async def _documents(self) -> None:
        """The first document and whatever it leads to."""
        verbs = await self._first()
        for _ in range(MOST_DOCUMENTS):
            following = await self._through(verbs)
            if following is None:
                return
            verbs = following
        raise BadDocument(f"one call had more than {MOST_DOCUMENTS} documents")

    async def _first(self) -> tuple[Verb, ...]:
        """What the call was made with."""
        return document(self._call.twiml) if self._call.twiml else await self._fetched(self._call.url, self._call.method)

    async def _through(self, verbs: tuple[Verb, ...]) -> tuple[Verb, ...] | None:
        """Plays one document; the next one, or None at its end."""
        for verb in verbs:
            if isinstance(verb, Say):
                await self._say(verb)
            elif isinstance(verb, Pause):
                await self._state.pass_by(verb.seconds)
            elif isinstance(verb, Redirect):
                return await self._fetched(verb.url, verb.method)
            elif isinstance(verb, Gather):
                following = await self._gather(verb)
                if following is not None:
                    return following
            else:
                return None
        return None

    async def _say(self, say: Say) -> None:
        """Speaks: the words are read as soon as they begin, and take as long as a voice does."""
        for _ in range(say.times if say.words else 0):
            self._call.add("said", say.words)
            self._state.touch()
            await self._state.pass_by(len(say.words.split()) * 60 / WORDS_PER_MINUTE)

    async def _gather(self, gather: Gather) -> tuple[Verb, ...] | None:
        """Speaks and listens; the document that answers the keys, None when nobody pressed any."""
        # What was pressed before is lost, as it is with Twilio.
        while not self._call.pressed.empty():
            self._call.pressed.get_nowait()
        try:
            digits, ended_by = await self._keys(gather)
        finally:
            self._call.listening = False
        if not digits and not gather.on_empty:
            return None
        more = {"Digits": digits, **({"FinishedOnKey": ended_by} if ended_by else {}), **({} if digits else {"msg": "Gather End"})}
        return await self._fetched(gather.action, gather.method, more)

    async def _keys(self, gather: Gather) -> tuple[str, str]:
        """The digits that were pressed, and the key that ended them ('' if none did)."""
        key = await self._first_key(gather)
        digits = ""
        while key:
            if key == gather.finish_on:
                return digits, key
            digits += key
            if gather.digits and len(digits) >= gather.digits:
                break
            key = await self._key_within(gather.timeout_s)
        return digits, ""

    async def _first_key(self, gather: Gather) -> str:
        """The first key, which cuts short whatever is being said; '' after the silence."""
        speech = asyncio.create_task(self._all(gather.inside))
        key = asyncio.create_task(self._call.pressed.get())
        try:
            # Speaking begins first: nobody presses a key for what they have not begun to hear.
            await asyncio.sleep(0)
            self._call.listening = True
            self._state.touch()
            await asyncio.wait((speech, key), return_when=asyncio.FIRST_COMPLETED)
            if not key.done():
                await asyncio.wait((key,), timeout=gather.timeout_s / self._state.speed)
            return key.result() if key.done() else ""
        finally:
            speech.cancel()
            key.cancel()

    async def _all(self, inside: tuple[Say | Pause, ...]) -> None:
        """What a Gather says."""
        for each in inside:
            await (self._say(each) if isinstance(each, Say) else self._state.pass_by(each.seconds))

    async def _key_within(self, seconds: float) -> str:
        """The next key; '' after the silence."""
        try:
            async with asyncio.timeout(seconds / self._state.speed):
                return await self._call.pressed.get()
        except TimeoutError:
            return ""

    async def _fetched(self, url: str, method: str, more: dict[str, str] | None = None) -> tuple[Verb, ...]:
        """The document at a URL, which may be relative to the one that plays. BadDocument: there is none that can be played."""
        found = urljoin(self._url, url) if url else self._url
        if urlsplit(found).scheme not in {"http", "https"}:
            raise BadDocument(f"there is no document to go on with: {url!r} has no address")
        self._url = found
        form = {**self._call.form(), **dict.fromkeys(PLACES, ""), **(more or {})}
        # Once it is on its way it is not called back: who presses a key and hangs up at once has pressed it.
        answer = await asyncio.shield(self._state.beside(self._webhooks.signed(found, form, method)))
        if not 200 <= answer.status < 300:
            raise BadDocument(f"the daemon answered {answer.status}" if answer.status else "the daemon does not answer")
        if answer.media_type not in MEDIA_TYPES:
            raise BadDocument(f"the answer is {answer.media_type or 'of no type'} and no XML")
        if len(answer.body) > LONGEST_ANSWER:
            raise BadDocument("the document is longer than 64 KiB")
        return document(answer.body)
