"""The files as they are in a folder, or as they were in a revision of git."""

from __future__ import annotations

import subprocess
from pathlib import Path

from oncall.handbook.guidelines import is_guideline
from oncall.handbook.holidays import LOCK
from oncall.handbook.load import Reading, parse, read

GIT_LIMIT_S = 30.0


class NoSuchRevision(Exception):
    """Neither a folder with the files, nor a revision that git knows; the text says what git said."""


def reading_of(name: str, config: Path, rotations: Path, *, everything: bool = False) -> Reading:
    """The files of `name`: '' for the two folders as they are, a folder that holds both of them, or a revision. NoSuchRevision."""
    if not name:
        return read(config, rotations, everything=everything)
    folder = Path(name)
    if folder.is_dir():
        return read(folder / "config", folder / "rotations", everything=everything)
    files = {**files_at(name, config, "config"), **files_at(name, rotations, "rotations")}
    return parse(files, everything=everything)


def files_at(revision: str, folder: Path, name: str) -> dict[str, str]:
    """The YAML files of a folder, the guidelines and the lock file, as they were in a revision."""
    listed = git(folder, "ls-tree", "-r", "-z", "--name-only", "--end-of-options", revision, ".")
    found = {}
    for path in (one for one in listed.split("\0") if one.endswith((".yaml", ".yml")) or one == LOCK or is_guideline(f"{name}/{one}")):
        if not any(part.startswith(".") for part in Path(path).parts):
            found[f"{name}/{path}"] = git(folder, "show", "--end-of-options", f"{revision}:./{path}")
    return found


def git(folder: Path, *arguments: str) -> str:
    """What git says in a folder. NoSuchRevision: git does not know it, or there is no git."""
    try:
        done = subprocess.run(  # noqa: S603 -- the revision stands behind --end-of-options
            ["git", "-C", str(folder), *arguments],  # noqa: S607 -- the git of whoever asks
            capture_output=True, text=True, encoding="utf-8", check=True, timeout=GIT_LIMIT_S,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        raise NoSuchRevision(str(error.stderr).strip().splitlines()[0] if error.stderr else "git failed") from error
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
        raise NoSuchRevision(str(error)) from error
    return done.stdout
