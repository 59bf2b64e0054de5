"""A skipped test is a red test, in whatever way it skips itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

WAYS = {
    "inside the test": "import pytest\ndef test_a():\n    pytest.skip('no browser')\n",
    "by a mark": "import pytest\n@pytest.mark.skip(reason='no browser')\ndef test_a():\n    pass\n",
    "expected to fail": "import pytest\n@pytest.mark.xfail\ndef test_a():\n    assert False\n",
    "in a fixture": "import pytest\n@pytest.fixture\ndef page():\n    pytest.skip('no browser')\ndef test_a(page):\n    pass\n",
    "while it is read": "import pytest\npytest.skip('no browser', allow_module_level=True)\n",
}


def outcome(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run one test file by the rules of this project, in a process of its own."""
    (folder / "test_planted.py").write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        str(ROOT / "pyproject.toml"),
        "--rootdir",
        str(folder),
        str(folder),
    ]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)


@pytest.mark.parametrize("way", WAYS)
def test_a_test_that_skips_itself_is_red(way: str, tmp_path: Path) -> None:
    done = outcome(tmp_path, WAYS[way])
    assert done.returncode != 0, done.stdout
    assert "Skipped tests are not allowed here" in done.stdout
    assert "skipped" not in done.stdout.splitlines()[-1]


def test_a_test_that_runs_is_green(tmp_path: Path) -> None:
    assert outcome(tmp_path, "def test_a():\n    pass\n").returncode == 0
