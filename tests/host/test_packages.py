"""What the host's tests need is installed, or what is missing is said in plain words; this needs no host of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.host import packages


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system on whose PATH there is nothing but what a test puts there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def apt_get(folder: Path, script: str) -> None:
    """Puts an apt-get there."""
    path = folder / "apt-get"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_what_is_missing_is_named_by_its_package(bare: Path) -> None:
    assert {"systemd", "systemd-container", "util-linux"} <= set(packages.missing())


def test_without_apt_get_the_packages_are_named(bare: Path) -> None:
    with pytest.raises(SystemExit, match=r"lacks systemd-container .* has no apt-get"):
        packages.install(["systemd-container"])


def test_an_installation_that_does_not_succeed_tells_what_apt_get_said(bare: Path) -> None:
    apt_get(bare, 'if [ "$1" = install ]; then echo "E: Unable to locate package $5" >&2; exit 100; fi')
    with pytest.raises(SystemExit, match=r"did not succeed: E: Unable to locate package systemd-container"):
        packages.install(["systemd-container"])


def test_an_installation_updates_the_lists_first(bare: Path) -> None:
    apt_get(bare, f'echo "$1" >> {bare}/asked')
    packages.install(["systemd-container"])
    assert (bare / "asked").read_text().split() == ["update", "install"]
