"""Changes one operator or number at a time and runs the tests that should see it: `python -m tests.mutation oncall/core/hours.py TESTS...`."""

from __future__ import annotations

import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
AT_ONCE = 2
LIMIT_S = 240
"""A mutant that runs for longer than every test together is found by its time."""
COMPARES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
SUMS: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult}


def places(tree: ast.Module) -> list[ast.AST]:
    """What can be changed, in the order of the file; nothing in annotations, decorators and the words of texts."""
    left_out = {id(part) for node in ast.walk(tree) for part in untouched(node)}
    return [node for node in ast.walk(tree) if id(node) not in left_out and changed(copy.deepcopy(node)) is not None]


def untouched(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node whose change would mean nothing."""
    roots: list[ast.AST | None] = []
    if isinstance(node, ast.FunctionDef):
        roots += [*node.decorator_list, node.returns, *(argument.annotation for argument in ast.walk(node.args) if isinstance(argument, ast.arg))]
    elif isinstance(node, ast.ClassDef):
        roots += node.decorator_list
    elif isinstance(node, ast.AnnAssign):
        roots.append(node.annotation)
    elif isinstance(node, ast.JoinedStr):
        roots.append(node)
    for root in roots:
        yield from ast.walk(root) if root is not None else ()


def changed(node: ast.AST) -> ast.AST | None:
    """The node with one change; None for a node that has nothing to change."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        node.ops = [COMPARES[type(node.ops[0])]()]
    elif isinstance(node, ast.Compare):
        node.ops[-1] = COMPARES[type(node.ops[-1])]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.BinOp) and type(node.op) in SUMS:
        node.op = SUMS[type(node.op)]()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
    elif isinstance(node, ast.IfExp):
        node.body, node.orelse = node.orelse, node.body
    else:
        return None
    return node


class Change(ast.NodeTransformer):
    """Puts the change of one node into a tree."""

    def __init__(self, target: ast.AST) -> None:
        self._target = target

    def visit(self, node: ast.AST) -> ast.AST:
        """The node, changed if it is the one."""
        if node is not self._target:
            return self.generic_visit(node)
        made = changed(node)
        assert made is not None
        return made


def mutants(file: Path) -> Iterator[tuple[str, str]]:
    """Each mutant as (where and what it was, its source)."""
    source = file.read_text(encoding="utf-8")
    for number in range(len(places(ast.parse(source)))):
        tree = ast.parse(source)
        node = places(tree)[number]
        said = f"{file.name}:{getattr(node, 'lineno', 0)} {ast.unparse(node)[:90]}"
        yield said, ast.unparse(ast.fix_missing_locations(Change(node).visit(tree)))


def survives(file: Path, source: str, tests: list[str]) -> bool:
    """Whether all tests pass with this source instead of the file's."""
    with tempfile.TemporaryDirectory(prefix="oncall-mutant-") as folder:
        for name in ("oncall", "tests"):
            shutil.copytree(ROOT / name, Path(folder) / name, ignore=shutil.ignore_patterns("__pycache__"))
        (Path(folder) / file).write_text(source, encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *tests]
        try:
            return subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=LIMIT_S, check=False).returncode == 0
        except subprocess.TimeoutExpired:
            return False


def main() -> int:
    """Prints those that no test sees, and the share that is seen; 1 if that is under nine of ten."""
    file, tests = Path(sys.argv[1]), sys.argv[2:]
    made = list(mutants(ROOT / file))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        left = list(pool.map(lambda one: survives(file, one[1], tests), made))
    for (said, _), alive in zip(made, left, strict=True):
        if alive:
            print(f"not seen: {said}")
    seen = len(made) - sum(left)
    print(f"{file}: {seen} of {len(made)} seen ({seen / len(made):.0%})")
    return int(seen < 0.9 * len(made))


if __name__ == "__main__":
    sys.exit(main())
