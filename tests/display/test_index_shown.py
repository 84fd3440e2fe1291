"""An index shows itself: structure, what was done, last results; nothing imports upward for it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.audit.index.made import index, panel
from workbench.display.blocks import Figure, Table
from workbench.display.index import index_section
from workbench.display.lab import register
from workbench.display.structure_figure import pieces
from workbench.specs.version import MIMETYPE


def test_structure_steps_and_results() -> None:
    made = index(gaps=0.1).denominate().impute("median").treat("shape").normalise().aggregate()
    section = index_section(made, "en")
    figure = next(b for b in section.blocks if isinstance(b, Figure))
    assert figure.alt == "4 indicators in 3 groups, each as high as its weight in the index."
    assert figure.table is not None
    assert len(figure.table.rows) == 6
    steps, results = (b for b in section.blocks if isinstance(b, Table))
    assert [row.cells[0].plain() for row in steps.rows] == [
        "Denominate", "Impute", "Treat outliers", "Normalise", "Aggregate",
    ]  # fmt: skip
    assert "values filled in; 0 still missing" in steps.rows[1].cells[2].plain()
    assert len(results.rows) == 10
    best = made.results().iloc[0]
    assert results.rows[0].cells[1].number == 1
    assert results.rows[0].cells[2].number == pytest.approx(best["all"])


def test_data_are_shown_before_there_are_scores() -> None:
    section = index_section(panel(), "es-MX")
    assert "3 mediciones" in repr(section)
    table = [b for b in section.blocks if isinstance(b, Table)][-1]
    assert len(table.columns) == 5
    assert table.rows[0].cells[0].plain().startswith("u00 2018")


def test_pieces_are_as_high_as_their_weight() -> None:
    found = {p.title: p for p in pieces(index().structure)}
    assert found["all"].height == 1
    assert found["right"].height == pytest.approx(2 / 3)
    assert found["d"].height == pytest.approx(2 / 3 * 3 / 4)
    assert found["d"].start + found["d"].height == pytest.approx(1)


def test_jupyter_shows_it() -> None:
    shell = InteractiveShell()
    register(shell)
    bundle, _ = shell.display_formatter.format(index().normalise().aggregate())
    assert set(bundle) >= {"text/plain", "text/html", MIMETYPE}


def test_nothing_is_loaded_without_jupyter() -> None:
    code = "import sys, workbench; print([m for m in sys.modules if m.startswith('workbench.display')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
