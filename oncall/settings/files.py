"""Settings from files: a folder with a file per secret, and config/oncall.yaml for what is no secret."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from pathlib import Path

import yaml

LARGEST_FILE = 64 * 1024
"""Bytes of a settings file; a secret or a page of settings has a few hundred."""


class SettingsError(Exception):
    """Settings that cannot be used; `problems` has one plain sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def did_you_mean(word: str, known: Collection[str]) -> str:
    """The hint at the end of an error about an unknown name, or an empty text."""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def secrets_in(folder: Path, variable: str, known: Collection[str]) -> dict[str, str]:
    """Reads the file of each known name in `folder`; `variable` is what named the folder, for errors.

    Other files are left alone, unless the name looks like a known one with a typing error.
    """
    try:
        files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise SettingsError([f"{variable}: the folder {folder} cannot be read ({error.strerror})"]) from error
    found = {}
    for path in files:
        if path.name in known:
            found[path.name] = one_secret(path)
        elif get_close_matches(path.name, known, n=1, cutoff=0.85):
            raise SettingsError([f"{path}: no setting has this name{did_you_mean(path.name, known)}"])
    return {name: value for name, value in found.items() if value}


def one_secret(path: Path) -> str:
    """The content of a secret's file without the line end that editors add."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
        if len(raw) > LARGEST_FILE:
            raise SettingsError([f"{path}: larger than {LARGEST_FILE // 1024} KiB, so this is no secret of ours"])
        return raw.decode().strip()
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read ({error.strerror}); the daemon's user needs read permission"]) from error
    except UnicodeDecodeError as error:
        raise SettingsError([f"{path}: is not text in UTF-8"]) from error


def settings_in(path: Path, allowed: Collection[str], secret: Collection[str]) -> dict[str, str]:
    """Reads `name: value` lines of config/oncall.yaml as text, so that nothing is guessed; a missing file is an empty one."""
    try:
        text = path.read_bytes()[: LARGEST_FILE + 1].decode()
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read ({error.strerror})"]) from error
    except UnicodeDecodeError as error:
        raise SettingsError([f"{path}: is not text in UTF-8"]) from error
    except yaml.YAMLError as error:
        raise SettingsError([f"{path}: is not YAML: {' '.join(str(error).split())}"]) from error
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise SettingsError([f"{path}:1:1: expected lines of the form `name: value`"])
    return checked(path, node, allowed, secret)


def checked(path: Path, node: yaml.MappingNode, allowed: Collection[str], secret: Collection[str]) -> dict[str, str]:
    """The pairs of the file, or every problem in it at once."""
    found: dict[str, str] = {}
    problems = []
    for key, value in node.value:
        place = f"{path}:{key.start_mark.line + 1}:{key.start_mark.column + 1}"
        name = str(key.value)
        if name in secret:
            problems.append(
                f"{place}: {name} is a secret and must not stand in a file under version control; put it into a file of ONCALL_SECRETS_DIR"
            )
        elif name not in allowed:
            problems.append(f"{place}: no setting is called {name}{did_you_mean(name, allowed)}")
        elif name in found:
            problems.append(f"{place}: {name} stands there twice")
        elif not isinstance(value, yaml.ScalarNode):
            problems.append(f"{place}: {name} must be one value, not a list or a table")
        else:
            found[name] = str(value.value)
    if problems:
        raise SettingsError(problems)
    return found
