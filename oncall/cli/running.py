"""Commands that run the daemon: run, demo, version."""

from __future__ import annotations

import asyncio
import gc
from typing import Annotated

import typer

from oncall.cli.output import Code, Failed, out
from oncall.cli.planning import usable_settings

Speed = Annotated[float, typer.Option("--speed", min=1, max=1000, help="How many seconds pass in one; only with the sandbox.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (run, demo, version):
        app.command()(command)


def run(
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Text to handsets in the browser instead of real telephones.")] = False,
    speed: Speed = 1.0,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
) -> int:
    """Run the daemon until SIGTERM; SIGHUP reads the handbook again."""
    if speed != 1.0 and not sandbox:
        raise Failed(Code.REFUSED, "refused", "--speed works only with --sandbox: real people are paged in real time")
    # The libraries make a few hundred thousand objects that stay; going through them again and again takes a fifth of the start.
    # The daemon switches the collector on when it is ready.
    gc.disable()
    # The libraries make a few hundred thousand objects that stay; going through them again and again takes a fifth of the start.
    # The daemon switches the collector on when it is ready.
    gc.disable()
    import uvloop

    from oncall import logs

    settings = usable_settings()
    logs.configure(secrets=settings.secret_values, verbose=verbose)
    from oncall.daemon.life import Daemon, StartRefused
    from oncall.daemon.sandboxed import in_sandbox
    from oncall.store import StoreUnavailable

    async def live() -> int:
        if sandbox:
            async with in_sandbox(settings, speed) as inside:
                out.say(f"The handsets are at {inside.page}")
                return await inside.daemon.run()
        return await Daemon(settings).run()

    try:
        return uvloop.run(live())
    except StoreUnavailable as error:
        raise Failed(Code.NO, "not_started", f"the store cannot be written: {error}") from error
    except StartRefused as refused:
        raise Failed(Code(refused.code), "not_started", "\n".join((refused.message, *refused.problems)), refused.hint) from refused


def demo(
    exit_after_story: Annotated[bool, typer.Option("--exit-after-story", help="End when the story is over: 0 if everything happened.")] = False,
    speed: Speed = 60.0,
) -> int:
    """Watch one emergency: it rings, nobody answers, the next is paged, somebody takes it, the customer is told."""
    from oncall.cli.demo import play

    return asyncio.run(play(speed, stay=not exit_after_story))


def version() -> int:
    """The version of this program."""
    from oncall import __version__

    out.data({"version": __version__}, f"oncall {__version__}")
    return Code.FINE
