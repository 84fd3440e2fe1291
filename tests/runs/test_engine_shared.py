"""Shared cells: run once, the same in every report, refused where they are not."""

from __future__ import annotations

import os

import pytest

from tests.runs.engines import SECONDS, Bench, notebook, texts
from workbench.errors import WorkbenchError
from workbench.runs.engine import execute_standard
from workbench.runs.forked import execute_forked
from workbench.runs.shared_cells import Alike, alike
from workbench.runs.shared_check import check_shared
from workbench.runs.warming import warm

PARAMETERS = ('study = "s"\nunit = "1"\nlocale = "es-MX"', "parameters")
COMMON = {"study": "s", "locale": "en"}


def warmed(bench: Bench, node) -> str:
    """Warm the process for reports that differ in their unit; return why cells are not shared."""
    path = bench.write(node)
    found = bench.call(
        warm, {path: Alike(COMMON, frozenset({"unit"}))}, bench.path, bench.path, SECONDS
    )
    return str(found.get(path, ""))


SHARED = notebook(
    PARAMETERS,
    ("import os, time\nmade_by = os.getpid()\nprint('once', study)\ndef show(x):\n    return f'{x} of {study}'", "shared"),
    "show(unit)",
    ("from IPython.display import display\ndisplay(show('all'))\nlocale", "shared"),
    "class Mine:\n    pass\nMine.__module__, made_by == os.getpid(), In[4][:4], show.__module__",
    "1 / 0 if unit == 'bad' else show(unit.missing) if unit == 'worse' else None",
)  # fmt: skip


def test_shared_cells_run_once_and_are_in_every_report(bench: Bench) -> None:
    standard = bench.run(execute_standard, SHARED, {**COMMON, "unit": "2"})
    assert warmed(bench, SHARED) == ""
    first = bench.run(execute_forked, SHARED, {**COMMON, "unit": "2"})
    second = bench.run(execute_forked, SHARED, {**COMMON, "unit": "3"})
    shown = texts(first)
    assert "False" in shown.pop(5)  # made by the warm process
    expected = texts(standard)
    assert "True" in expected.pop(5)
    assert shown == expected
    assert [c.execution_count for c in first.cells] == [c.execution_count for c in standard.cells]
    assert texts(second)[3] == "'3 of s'"
    assert texts(second)[2] == shown[2] == "stdout: once s\n"


def test_a_failure_after_shared_cells_shows_their_lines(bench: Bench) -> None:
    warmed(bench, SHARED)
    failure = bench.fail(execute_forked, SHARED, parameters={**COMMON, "unit": "bad"})
    assert failure.reason == "ZeroDivisionError: division by zero"
    assert failure.cell == "cell-006"


def test_reports_with_other_parameters_do_not_take_them(bench: Bench) -> None:
    warmed(bench, SHARED)
    other = bench.run(execute_forked, SHARED, {"study": "t", "locale": "en", "unit": "2"})
    assert texts(other)[2] == "stdout: once t\n"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("raise ValueError('no')", "its shared cells fail: ValueError: no"),
        ("import os\nos._exit(1)", "its shared cells fail: DeadKernelError: its process ended by itself"),
        ("import os\nos.environ['A'] = '1'", "its shared cells change the environment for other notebooks"),
        ("import matplotlib as mpl\nmpl.rcParams['font.size'] = 30", "its shared cells change the style of figures for other notebooks"),
        ("import random\nrandom.random()", "its shared cells change random numbers for other notebooks"),
        ("import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()", "its shared cells change threads for other notebooks"),
    ],
)  # fmt: skip
def test_cells_that_are_no_good_shared_run_in_each_report(
    bench: Bench, source: str, why: str
) -> None:
    node = notebook(PARAMETERS, (source, "shared"), "unit")
    assert warmed(bench, node) == why
    assert bench.call(os.getpid) > 0


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ([("x = unit", "shared")], "uses unit, which differs by report"),
        ([("def f():\n    return unit", "shared")], "uses unit, which differs by report"),
        ([("study + unit", "shared")], "uses unit, which differs by report"),
        (["y = unit", ("x = y", "shared")], "uses y, which another cell sets"),
        (["def f(): return unit", ("x = f()", "shared")], "uses f, which another cell sets"),
        (["from a import b", ("b.c()", "shared")], "uses b, which another cell sets"),
        (["x = 1", ("x = 2", "shared")], "uses x, which another cell sets"),
        ([("x = []", "shared"), "x.append(unit)", ("y = len(x)", "shared")], "which another cell may change"),
        ([("x = {}", "shared"), "x['a'] = unit", ("y = x", "shared")], "which another cell may change"),
        ([("study = study.upper()", "shared")], "uses study, which another cell sets"),
        ([("x = eval('unit')", "shared")], "must not use eval"),
        ([("%time x = 1", "shared")], "must not use get_ipython"),
        ([("from os import *", "shared")], "must not import *"),
        ([("x =", "shared")], "must be plain Python"),
    ],
)  # fmt: skip
def test_a_shared_cell_that_differs_is_refused(cells: list, what: str) -> None:
    with pytest.raises(WorkbenchError, match=r"n\.ipynb cells.*shared cell") as caught:
        check_shared(notebook(PARAMETERS, *cells), "n.ipynb", {"unit"})
    assert what in str(caught.value)


def test_a_default_that_is_computed_is_not_shared() -> None:
    computed = ('unit = "1"\nname = f"u{unit}"', "parameters")
    with pytest.raises(WorkbenchError, match="uses name"):
        check_shared(notebook(computed, ("x = name", "shared")), "n.ipynb", {"unit"})


def test_what_shared_cells_may_do() -> None:
    node = notebook(
        PARAMETERS,
        ("from x import Study\nopened = Study.open(study, locale=locale)", "shared"),
        "view = opened.view(unit)",
        ("unit_names = [unit for unit in range(3)]\nclass A:\n    unit = 3", "shared"),
    )
    check_shared(node, "n.ipynb", {"unit"})


def test_what_reports_have_in_common() -> None:
    reports = [{"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 1, "c": 3}]
    assert alike(reports) == Alike({"a": 1}, frozenset({"b", "c"}))
    assert alike([]) == Alike({}, frozenset())
