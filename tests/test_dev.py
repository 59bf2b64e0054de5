"""The ./dev script tells plainly what it cannot do, and does nothing when there is nothing to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing but what ./dev itself reads, and no environment yet."""
    for name in ("dev", "requirements.txt", "requirements-test.txt", "requirements-uv.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def dev(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ./dev of that checkout, where no package index can be reached."""
    unreachable = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
    environment = (
        {name: value for name, value in os.environ.items() if name not in {"ONCALL_PYTHON", "UV_DEFAULT_INDEX"}}
        | unreachable
        | {"PIP_NO_INDEX": "1"}
        | variables
    )
    return subprocess.run([sys.executable, str(folder / "dev"), *arguments], check=False, capture_output=True, text=True, env=environment)


@pytest.mark.parametrize("arguments", [["tset"], []])
def test_an_unknown_command_lists_the_known_ones(arguments: list[str], checkout: Path) -> None:
    done = dev(checkout, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    for name in ("demo", "run", "check", "test", "simulate", "format", "browser", "lock"):
        assert f"./dev {name} " in done.stderr


def test_a_chosen_python_that_is_not_there_is_named(checkout: Path) -> None:
    done = dev(checkout, "demo", ONCALL_PYTHON="python9.9")
    assert done.returncode == 1
    assert "ONCALL_PYTHON names python9.9" in done.stderr


def test_a_python_that_is_too_old_is_refused(checkout: Path) -> None:
    old = checkout / "old-python"
    old.write_text("#!/bin/sh\necho '3.9.2 (an example)'\n")
    old.chmod(0o755)
    done = dev(checkout, "demo", ONCALL_PYTHON=str(old))
    assert done.returncode == 1
    assert "is Python 3.9.2, but 3.11 or newer is needed" in done.stderr


def test_an_index_out_of_reach_is_told_with_its_remedy_and_leaves_no_stamp(checkout: Path) -> None:
    done = dev(checkout, "demo")
    assert done.returncode == 1
    assert "uv did not work, going on with pip alone" in done.stderr
    assert "the packages could not be installed" in done.stderr
    assert "pip config list" in done.stderr
    assert not (checkout / ".venv" / "oncall-stamp").exists()


def test_uv_is_told_the_index_that_pip_is_set_up_for(checkout: Path) -> None:
    uv = checkout / ".tools" / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    uv.write_text('#!/bin/sh\necho "the index is $UV_DEFAULT_INDEX, the cache is $UV_CACHE_DIR" >&2; exit 1\n')
    uv.chmod(0o755)
    shutil.copy(checkout / "requirements-uv.txt", checkout / ".tools" / "uv-pin")
    done = dev(checkout, "demo")
    assert f"the index is http://127.0.0.1:9/, the cache is {checkout}/.tools/cache" in done.stderr
