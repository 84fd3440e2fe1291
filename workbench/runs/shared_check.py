"""Whether cells tagged ``shared`` are the same in all reports, read from their syntax."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.runs.needs import parse_cell

SHARED = "shared"
_LOOKS_AROUND = frozenset({"eval", "exec", "globals", "locals", "vars", "get_ipython", "input"})


def is_shared(cell: Any) -> bool:
    """Say whether a cell is tagged as shared."""
    return cell.cell_type == "code" and SHARED in cell.metadata.get("tags", [])


@dataclass(slots=True)
class _Names:
    """Names of the cells read so far.

    Parameters
    ----------
    varying : set of str
        Parameters that differ from report to report, and names made of them.
    own : set of str
        Set by cells that are not shared.
    changed : set of str
        What those cells may have changed without setting it.
    parameters : set of str
        All parameters.
    """

    varying: set[str]
    own: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)


def check_shared(notebook: Any, where: str, varying: Collection[str]) -> None:
    """Refuse cells tagged ``shared`` that are not the same in all reports.

    Parameters
    ----------
    notebook : NotebookNode
    where : str
        Name of the notebook for messages.
    varying : collection of str
        Parameters that differ from report to report.

    Raises
    ------
    WorkbenchError
        With each such cell and what it reads.
    """
    names = _Names(set(varying))
    problems = []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        if is_shared(cell):
            place = Place(where, path=f"cells[{index}]")
            problems += [_problem(what, place) for what in _wrong(str(cell.source), names)]
        elif "parameters" in cell.metadata.get("tags", []):
            _read_parameters(str(cell.source), names)
        else:
            names.own |= _reads_and_binds(str(cell.source))[1]
            names.changed |= _changed(str(cell.source))
    if problems:
        raise WorkbenchError(problems)


def _problem(what: Message, place: Place) -> Problem:
    fix = Message("Take the tag shared off the cell, or move what differs to another cell.")
    return Problem(Reason.PARAMETER_VALUE, what, place, fix=fix)


def _wrong(source: str, names: _Names) -> Iterator[Message]:
    """Yield what a shared cell must not do."""
    tree = parse_cell(source)
    if tree is None:
        yield Message("a shared cell must be plain Python")
        return
    reads, binds = _reads_and_binds(source)
    for name in sorted(reads | binds):
        if name in names.varying:
            yield Message("a shared cell uses {name}, which differs by report", name=name)
        elif name in names.own or (name in binds and name in names.parameters):
            yield Message("a shared cell uses {name}, which another cell sets", name=name)
        elif name in names.changed:
            yield Message("a shared cell uses {name}, which another cell may change", name=name)
    for name in sorted(reads & _LOOKS_AROUND - binds):
        yield Message("a shared cell must not use {name}", name=name)
    if any(isinstance(n, ast.ImportFrom) and n.names[0].name == "*" for n in ast.walk(tree)):
        yield Message("a shared cell must not import *")
    if "display_id" in source:
        yield Message("a shared cell must not use {name}", name="display_id")


def _read_parameters(source: str, names: _Names) -> None:
    """Learn the parameters; a default that is computed may hang on one that differs."""
    tree = parse_cell(source)
    _, binds = _reads_and_binds(source)
    names.parameters |= binds
    for node in tree.body if tree is not None else []:
        value = getattr(node, "value", None)
        if value is not None and not _is_literal(value):
            targets = getattr(node, "targets", [getattr(node, "target", None)])
            names.own |= {t.id for t in targets if isinstance(t, ast.Name)}


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError):
        return False
    return True


def _reads_and_binds(source: str) -> tuple[set[str], set[str]]:
    """Return the global names that a cell reads and those that it sets, in its functions too."""
    tree = parse_cell(source)
    if tree is None:
        return set(), set()
    try:
        table = symtable.symtable(ast.unparse(tree), "cell", "exec")
    except SyntaxError:
        return set(), set()
    reads: set[str] = set()
    binds: set[str] = set()
    tables = [table]
    while tables:
        here = tables.pop()
        tables += here.get_children()
        for symbol in here.get_symbols():
            if here is not table and not symbol.is_global():
                continue
            name = symbol.get_name()
            if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
                binds.add(name)
            if symbol.is_referenced():
                reads.add(name)
    return reads, binds


def _changed(source: str) -> set[str]:
    """Return the names whose objects a cell may change: ``x.a = 1``, ``x[0] = 1``, ``x.add(1)``."""
    tree = parse_cell(source)
    found: set[str] = set()
    for node in ast.walk(tree) if tree is not None else []:
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            found |= _root(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found |= _root(node.value.func) if isinstance(node.value.func, ast.Attribute) else set()
    return found


def _root(node: ast.expr) -> set[str]:
    """Return the name at the start of ``a.b[c].d``."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return {node.id} if isinstance(node, ast.Name) else set()
