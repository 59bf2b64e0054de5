"""The house rules about Python code: size, purity, time, honesty of tests, and what has to be explained."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from tests.house.sources import Source

LONGEST_FUNCTION = 40
# Standard library that would let the world into the core; import-linter has this list too, with the third-party packages that we use.
WORLDLY = {"asyncio", "io", "logging", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "subprocess", "sys", "threading", "time", "uuid"}
WORLDLY_CALLS = {"open", "print", "input", "__import__"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def nodes(files: list[Source], *, under: str = "") -> Iterator[tuple[Source, ast.AST, str]]:
    """Yield each node of the Python files of a folder, with its file and `path:line`; parents come before their children."""
    for file in files:
        if file.is_python and file.path.startswith(under):
            for node in ast.walk(file.tree):
                yield file, node, f"{file.path}:{getattr(node, 'lineno', 1)}"


def functions_are_short(files: list[Source]) -> list[str]:
    """No function is longer than a screen."""
    broken = []
    for _, node, place in nodes(files):
        if isinstance(node, Function):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                broken.append(f"{place}: {node.name} has {lines} lines, {LONGEST_FUNCTION} at most")
    return broken


def imported(node: ast.AST) -> list[str]:
    """Return the modules that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def core_is_pure(files: list[Source]) -> list[str]:
    """The core imports itself and the harmless part of the standard library, nothing else at all."""
    broken = []
    for _, node, place in nodes(files, under="oncall/core/"):
        for name in imported(node):
            top = name.split(".")[0]
            if not name.startswith("oncall.core") and (top not in sys.stdlib_module_names or top in WORLDLY):
                broken.append(f"{place}: the core may not import {name}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WORLDLY_CALLS:
            broken.append(f"{place}: the core may not call {node.func.id}()")
    return broken


def core_data_never_changes(files: list[Source]) -> list[str]:
    """Each dataclass of the core is frozen, slotted and made by keywords, so that a decision cannot alter what it was given."""
    broken = []
    for _, node, place in nodes(files, under="oncall/core/"):
        for decorator in node.decorator_list if isinstance(node, ast.ClassDef) else []:
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            if ast.unparse(call).split(".")[-1] == "dataclass":
                given = {word.arg for word in decorator.keywords if ast.unparse(word.value) == "True"} if isinstance(decorator, ast.Call) else set()
                missing = sorted({"frozen", "slots", "kw_only"} - given)
                broken += [f"{place}: the dataclass lacks {', '.join(missing)}"] if missing else []
    return broken


def asks_the_machine(node: ast.AST) -> bool:
    """Say whether a node reads a wall clock: the machine's or the database's."""
    if isinstance(node, ast.Attribute):
        owner = ast.unparse(node.value).split(".")[-1]
        return (owner, node.attr) in {
            *((owner, attribute) for owner in ("datetime", "date", "func") for attribute in ("now", "utcnow", "today")),
            *(("time", attribute) for attribute in ("time", "time_ns", "localtime", "gmtime", "ctime")),
        }
    return isinstance(node, ast.ImportFrom) and node.module == "time" and bool({"time", "time_ns"} & {alias.name for alias in node.names})


def one_clock(files: list[Source]) -> list[str]:
    """Only a class of the daemon whose name ends in Clock asks the machine what time it is."""
    broken = []
    allowed: set[ast.AST] = set()
    for file, node, place in nodes(files, under="oncall/"):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Clock") and file.path.startswith("oncall/daemon"):
            allowed |= set(ast.walk(node))
        if node not in allowed and asks_the_machine(node):
            broken.append(f"{place}: asks the machine's clock; take the time from the fact or from the daemon's Clock")
    return broken


MOCKS = {"AsyncMock", "MagicMock", "Mock", "NonCallableMock", "PropertyMock"}
SKIPS = {"importorskip", "skip", "skipif", "xfail"}


def tests_are_honest(files: list[Source]) -> list[str]:
    """No test is skipped or expected to fail, no stand-in agrees with everything, and no function is only promised."""
    broken = []
    for _, node, place in nodes(files):
        if "unittest.mock" in imported(node) or (isinstance(node, ast.Name) and node.id in MOCKS):
            broken.append(f"{place}: a mock agrees with everything; write a fake that can refuse, stall and crash")
        if isinstance(node, ast.Attribute) and node.attr in SKIPS and ast.unparse(node.value).split(".")[0] == "pytest":
            broken.append(f"{place}: {node.attr}: a test that does not run proves nothing")
        if isinstance(node, ast.Name) and node.id == "NotImplementedError":
            broken.append(f"{place}: a promise instead of a function; write it or leave it out")
    return broken


def public_functions_are_explained(files: list[Source]) -> list[str]:
    """Each public function and method of the package has a docstring; what a Protocol has explained need not be said again."""
    ours = [file for file in files if file.is_python and file.path.startswith("oncall/")]
    classes = [(file, node) for file in ours for node in file.tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    protocols = [node for _, node in classes if "Protocol" in {ast.unparse(parent).split("[")[0].split(".")[-1] for parent in node.bases}]
    said = {node.name for protocol in protocols for node in protocol.body if isinstance(node, Function) and ast.get_docstring(node)}
    functions = [(file, node) for file in ours for node in file.tree.body if isinstance(node, Function)]
    functions += [(file, node) for file, owner in classes for node in owner.body if isinstance(node, Function) and node.name not in said]
    silent = [(file, node) for file, node in functions if not node.name.startswith("_") and not ast.get_docstring(node)]
    return [f"{file.path}:{node.lineno}: {node.name} has no docstring" for file, node in silent]


EXCEPTION = re.compile(r"#\s*(noqa|type:\s*ignore)", re.IGNORECASE)
EXPLAINED = re.compile(r"# noqa: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)* -- \w.+|# type: ignore\[[a-z, -]+\]  # \w.+")


def exceptions_are_explained(files: list[Source]) -> list[str]:
    """Each exception from a linter or the type checker names its code and its reason."""
    comments = [(file, number, text) for file in files if file.is_python for number, text in file.comments()]
    return [
        f"{file.path}:{number}: write `# noqa: CODE -- why` or `# type: ignore[code]  # why`"
        for file, number, text in comments
        if EXCEPTION.search(text) and not EXPLAINED.search(text)
    ]
