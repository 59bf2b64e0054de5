"""Runs the daemon under cProfile, each thread by itself, and writes where the time went to the folder named as argument."""

from __future__ import annotations

import cProfile
import os
import sys
import threading
from pathlib import Path

from oncall.cli import main


def profiled(folder: Path) -> None:
    """`oncall run`, with a file of statistics for the loop and for each thread that the daemon starts."""
    folder.mkdir(parents=True, exist_ok=True)
    run = threading.Thread.run

    def recorded(thread: threading.Thread) -> None:
        recorder = cProfile.Profile(timer=_thread_seconds)
        try:
            recorder.runcall(run, thread)
        finally:
            recorder.dump_stats(str(folder / f"{thread.name}.prof"))

    threading.Thread.run = recorded  # type: ignore[method-assign, assignment]  # a profile needs to stand inside each thread
    sys.argv = ["oncall", "run"]
    loop = cProfile.Profile(timer=_thread_seconds)
    try:
        loop.runcall(main)
    except SystemExit as end:
        loop.dump_stats(str(folder / "loop.prof"))
        # Not by the interpreter's own end, which would wait for threads that only wait for work.
        os._exit(int(end.code or 0))


def _thread_seconds() -> float:
    """Processor time of this thread, so that waiting for the other costs nothing."""
    import time

    return time.thread_time()


if __name__ == "__main__":
    profiled(Path(sys.argv[1]))
