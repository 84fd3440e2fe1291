"""What a notebook needs that a forked process can't give; such a notebook has its own kernel."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from workbench.language import Message

# Magics that work alike in both. Others start shells or talk to a kernel.
PLAIN_MAGICS = frozenset(
    {
        "alias_magic",
        "capture",
        "config",
        "html",
        "javascript",
        "js",
        "latex",
        "load_ext",
        "logstart",
        "markdown",
        "matplotlib",
        "pdoc",
        "pinfo",
        "pinfo2",
        "pprint",
        "precision",
        "pwd",
        "reload_ext",
        "svg",
        "time",
        "timeit",
        "who",
        "whos",
        "xmode",
    }
)
WIDGETS = frozenset({"anywidget", "bqplot", "ipympl", "ipywidgets", "ipyleaflet", "panel"})
WITH_WIDGETS = frozenset({"tqdm.notebook", "workbench.explore"})
COMPILERS = frozenset({"typst", "nbconvert", "workbench.reports", "workbench.runs"})
KERNELS = frozenset({"", "python3"})


def needs_standard(notebook: Any) -> Message | None:
    """Return why a notebook must be run by the standard engine, None if it need not.

    Parameters
    ----------
    notebook : NotebookNode
    """
    kernel = notebook.metadata.get("kernelspec", {})
    language = str(kernel.get("language", "python"))
    if language.lower() != "python" or kernel.get("name", "") not in KERNELS:
        return Message("it has the kernel {name}", name=str(kernel.get("name", language)))
    sources = tuple(str(cell.source) for cell in notebook.cells if cell.cell_type == "code")
    return _needs(sources)


@lru_cache(maxsize=256)
def _needs(sources: tuple[str, ...]) -> Message | None:
    """Return the first reason found in some cells."""
    return next((reason for source in sources for reason in _reasons(source)), None)


def transform(source: str) -> str:
    """Return a cell as Python, with magics as the calls that they are."""
    return str(TransformerManager().transform_cell(source))


def parse_cell(source: str) -> ast.Module | None:
    """Return the syntax of a cell, None if it has none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(transform(source))
    except (SyntaxError, ValueError, TypeError):
        return None


def _reasons(source: str) -> Iterator[Message]:
    """Yield what a cell needs; one that can't be parsed will fail by itself in either engine."""
    tree = parse_cell(source)
    if tree is None:
        return
    if _awaits(tree.body):
        yield Message("it awaits outside a function")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(node)
        elif isinstance(node, ast.Call):
            yield from _calls(node)
        elif isinstance(node, ast.Attribute) and node.attr == "kernel" and _is_shell(node.value):
            yield Message("it asks for its kernel")


def _awaits(body: Iterable[ast.AST]) -> bool:
    """Say whether statements await outside a function."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return True
        if isinstance(node, ast.comprehension) and node.is_async:
            return True
        if _awaits(ast.iter_child_nodes(node)):
            return True
    return False


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[Message]:
    """Yield what imports tell."""
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
    else:
        names = [alias.name for alias in node.names]
    for name in names:
        parts = name.split(".")
        if parts[0] in WIDGETS or ".".join(parts[:2]) in WITH_WIDGETS:
            yield Message("it shows widgets ({name})", name=name)
        elif {parts[0], ".".join(parts[:2])} & COMPILERS:
            yield Message("it exports reports itself ({name})", name=name)


def _calls(node: ast.Call) -> Iterator[Message]:
    """Yield what a call tells."""
    called = node.func
    name = getattr(called, "id", getattr(called, "attr", ""))
    if (isinstance(called, ast.Name) and name == "input") or name == "getpass":
        yield Message("it asks for input")
    if isinstance(called, ast.Attribute) and _is_shell(called.value):
        first = node.args[0] if node.args else None
        magic = first.value if isinstance(first, ast.Constant) else ""
        if name in ("system", "getoutput"):
            yield Message("it runs a command of the system (!)")
        elif name in ("run_cell_magic", "run_line_magic") and not _is_plain(str(magic), node):
            yield Message("it uses the magic %{name}", name=str(magic))


def _is_plain(magic: str, node: ast.Call) -> bool:
    """Say whether a magic works without a kernel."""
    if magic == "matplotlib":
        line = node.args[1] if len(node.args) > 1 else None
        return isinstance(line, ast.Constant) and line.value in ("inline", "agg", "")
    return magic in PLAIN_MAGICS


def _is_shell(node: ast.expr) -> bool:
    """Say whether an expression is ``get_ipython()``."""
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "get_ipython"
