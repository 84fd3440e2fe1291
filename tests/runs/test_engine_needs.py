"""Which notebooks need a kernel, and why."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tests.runs.engines import notebook
from workbench.runs.needs import needs_standard

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("name = input('who? ')", "it asks for input"),
        ("import getpass\ngetpass.getpass()", "it asks for input"),
        ("import ipywidgets as w", "it shows widgets (ipywidgets)"),
        ("from ipywidgets import interact", "it shows widgets (ipywidgets)"),
        ("from tqdm.notebook import tqdm", "it shows widgets (tqdm.notebook)"),
        ("import asyncio\nawait asyncio.sleep(0)", "it awaits outside a function"),
        ("x = [i async for i in f()]", "it awaits outside a function"),
        ("!ls", "it runs a command of the system (!)"),
        ("files = !ls", "it runs a command of the system (!)"),
        ("%%bash\nls", "it uses the magic %bash"),
        ("%pip install x", "it uses the magic %pip"),
        ("%matplotlib widget", "it uses the magic %matplotlib"),
        ("get_ipython().kernel", "it asks for its kernel"),
        ("import typst", "it exports reports itself (typst)"),
        ("from workbench.reports.pdf import render_pdf", "it exports reports itself (workbench.reports.pdf)"),
    ],
)  # fmt: skip
def test_what_needs_a_kernel(source: str, reason: str) -> None:
    assert str(needs_standard(notebook("1", source))) == reason


@pytest.mark.parametrize(
    "source",
    [
        "async def f():\n    await g()",
        "%matplotlib inline",
        "%time 1",
        "%%capture out\nprint(1)",
        "df.input(1)",
        "import tqdm",
        "this is no Python",
        "print('!ls')",
        "import workbench.display",
    ],
)
def test_what_needs_none(source: str) -> None:
    assert needs_standard(notebook(source)) is None


def test_another_kernel() -> None:
    assert str(needs_standard(notebook("1", kernel="ir"))) == "it has the kernel ir"


@pytest.mark.parametrize(
    "path",
    [*sorted(ROOT.glob("notebooks/*.ipynb")), *sorted(ROOT.glob("tests/notebooks/*.ipynb"))],
    ids=lambda path: path.stem,
)
def test_of_the_notebooks_of_the_project_only_the_explorer_has_widgets(path: Path) -> None:
    reason = needs_standard(nbformat.read(path, as_version=4))
    expected = "it shows widgets (workbench.explore)" if path.stem == "explore" else "None"
    assert str(reason) == expected
