"""The forked engine: the outputs of a kernel without a kernel."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

from tests.runs.engines import Bench, notebook, texts
from workbench.runs.client import MOST_TEXT
from workbench.runs.engine import NotebookFailedError, execute_standard
from workbench.runs.forked import execute_forked

ROOT = Path(__file__).parents[2]

EVERYTHING = notebook(
    ('study = "a"\nunit = "00017"\nlocale = "es-MX"', "parameters"),
    "unit",
    "   ",
    "import sys\nprint('one')\nprint('two', file=sys.stderr)\nprint('three', flush=True)",
    "import os",
    "from IPython.display import HTML, clear_output, display, update_display\n"
    "handle = display('first', display_id=True)\nprint('between')\ndisplay(HTML('<b>x</b>'))",
    "handle.update('second')\nupdate_display('x', display_id='nobody')\n3",
    "print('gone')\nclear_output()\nprint('stays')\nclear_output(wait=True)\nprint('only this')",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.figure()\nplt.plot([2, 1]);",
    "plt.plot([1, 3])\nplt.show()\nprint('after the figure')",
    "import random\nimport numpy as np\nrandom.random(), np.random.random()",
    "import warnings\nwarnings.warn('beware')",
    "object()",
    "In[3], Out[3], _, sorted(os.environ)[:0], os.environ['MPLBACKEND']",
    ("%matplotlib inline\nfig, ax = plt.subplots()\nax.bar([1, 2], [3, 4])"),
    "sum(i for i in range(10))",
    "def f():\n    '''Doc.'''\nf?",
    "import time\nfor i in range(3):\n    print(i)\n    print(i, file=sys.stderr)",
    "__name__, __doc__, sys.stdin.read()",
)  # fmt: skip


def test_everything_is_as_in_a_kernel(bench: Bench) -> None:
    parameters = {"unit": "00018"}
    forked = bench.run(execute_forked, EVERYTHING, parameters)
    standard = bench.run(execute_standard, EVERYTHING, parameters)
    for mine, reference in zip(forked.cells, standard.cells, strict=True):
        assert mine == reference
    assert forked == standard
    figures = [o for c in forked.cells for o in c.outputs if "image/png" in o.get("data", {})]
    assert len(figures) == 4
    assert texts(forked)[2] == "'00018'"


def test_text_of_c_and_of_subprocesses_is_kept_in_order(bench: Bench) -> None:
    """A kernel takes it too, but as a thread of its own comes by."""
    node = notebook(
        "import os, subprocess\nfrom IPython.display import display\n"
        "os.write(1, b'raw ')\ndisplay('shown')\nsubprocess.run(['echo', 'from outside'])\n"
        "os.write(2, 'ñ'.encode())\ndisplay('end')\nos.write(1, b'last');",
        "import ctypes\nctypes.CDLL(None).printf(b'unflushed');",
        "subprocess.run('head -c 3000000 /dev/zero | tr \"\\\\0\" x', shell=True);",
    )  # fmt: skip
    first, second, third = bench.run(execute_forked, node).cells
    kinds = [o.get("text") or o.data["text/plain"] for o in first.outputs]
    assert kinds == ["raw ", "'shown'", "from outside\n", "ñ", "'end'", "last"]
    assert second.outputs[0].text == "unflushed"
    assert len(third.outputs[0].text) == MOST_TEXT


def test_two_runs_give_the_same_bytes(bench: Bench) -> None:
    first, second = (
        nbformat.writes(bench.run(execute_forked, EVERYTHING, {"unit": "1"})) for _ in range(2)
    )
    assert first == second


def test_nothing_leaks_into_the_next_report(bench: Bench) -> None:
    leave = notebook("import os\nos.environ['LEFT'] = '1'\nx = 1\nimport matplotlib as mpl\n"
                     "mpl.rcParams['font.size'] = 40\nos.chdir('/')")  # fmt: skip
    look = notebook(
        "import os, matplotlib as mpl\n(os.environ.get('LEFT'), 'x' in dir(), mpl.rcParams['font.size'], "
        f"os.getcwd()) == (None, False, 10.0, {str(bench.path)!r})"
    )
    bench.run(execute_forked, leave)
    assert texts(bench.run(execute_forked, look)) == ["True"]


def test_random_numbers_hang_on_notebook_and_parameters_alone(bench: Bench) -> None:
    node = notebook(("unit = '1'", "parameters"), "import random\nrandom.random()")
    one, again = (texts(bench.run(execute_forked, node, {"unit": "1"})) for _ in range(2))
    other = texts(bench.run(execute_forked, node, {"unit": "2"}))
    assert one == again
    assert one[-1] != other[-1]


def test_a_cell_that_may_raise_stops_nothing_but_the_report_fails(bench: Bench) -> None:
    """papermill counts any error of a notebook as its failure, after all cells."""
    node = notebook(("1 / 0", "raises-exception"), "2")
    mine = bench.fail(execute_forked, node)
    reference = bench.fail(execute_standard, node)
    assert (mine.reason, mine.cell, texts(mine.notebook)) == (
        reference.reason, reference.cell, texts(reference.notebook)
    )  # fmt: skip
    assert texts(mine.notebook)[1] == "2"


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return 1 / x\nf(0)",
        "this is no Python",
        "class Bad:\n    def _repr_html_(self):\n        raise ValueError('no html')\nBad()",
        pytest.param("%nosuchmagic", marks=pytest.mark.slow),
        pytest.param("raise KeyboardInterrupt", marks=pytest.mark.slow),
    ],
    ids=["raises", "syntax", "display", "magic", "interrupt"],
)
def test_errors_are_those_of_a_kernel(bench: Bench, source: str) -> None:
    node = notebook("print('before')", source, "print('never')")
    outcomes = []
    for engine in (execute_forked, execute_standard):
        try:
            outcomes.append(("done", "", bench.run(engine, node)))
        except NotebookFailedError as failure:
            outcomes.append((failure.reason, failure.cell, failure.notebook))
    assert outcomes[0] == outcomes[1]


def test_sys_exit_0_ends_a_notebook_well_and_others_do_not(bench: Bench) -> None:
    node = notebook("import sys\nprint('a')\nsys.exit(0)", "print('never')")
    mine, reference = (bench.run(e, node) for e in (execute_forked, execute_standard))
    assert mine == reference
    failure = bench.fail(execute_forked, notebook("import sys\nsys.exit(3)"))
    assert failure.reason == "SystemExit: 3"


@pytest.mark.parametrize("engine", [execute_forked, execute_standard])
def test_too_much_text_is_cut_and_counted(bench: Bench, engine) -> None:
    line = "x" * 99 + "\n"
    node = notebook(
        f"for _ in range({MOST_TEXT // 100 + 5}):\n    print({line[:-1]!r})", "print(1)"
    )
    done = bench.run(engine, node, {})
    kept, note = done.cells[0].outputs
    assert kept.text == line * (MOST_TEXT // 100)
    assert note.name == "stderr"
    assert "[500 more characters" in note.text
    assert texts(done)[1] == "stdout: 1\n"


def test_a_notebook_that_lost_its_kernel_is_run_by_the_standard_engine(bench: Bench) -> None:
    """What can't be seen beforehand is found when it is asked for."""
    hidden = notebook(
        "import importlib\nwidgets = importlib.import_module('ipy' + 'widgets')\nw = widgets.IntSlider(3)\nw.value"
    )
    assert texts(bench.run(execute_forked, hidden)) == ["3"]


def test_a_process_that_compiled_a_pdf_still_forks_reports(bench: Bench) -> None:
    """A compiler's threads do not survive a fork: left alone, the child would wait for ever."""
    bench.call(compile_pdf)
    assert texts(bench.run(execute_forked, notebook("1 + 1"))) == ["2"]
    inside = notebook(
        "import importlib\ntypst = importlib.import_module('ty' + 'pst')\nlen(typst.compile(b'Hello')) > 100"
    )
    assert texts(bench.run(execute_forked, inside, seconds=60)) == ["True"]
    assert texts(bench.run(execute_forked, notebook("1 + 1"))) == ["2"]


def compile_pdf() -> int:
    import typst

    return len(typst.compile(b"Hello $x^2$"))


def test_papermill_knows_the_engine(tmp_path: Path) -> None:
    entries = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    home = tmp_path / "engine-1.0.dist-info"
    home.mkdir()
    (home / "METADATA").write_text("Metadata-Version: 2.1\nName: engine\nVersion: 1.0\n")
    lines = ["[papermill.engine]", *(f"{k} = {v}" for k, v in entries["papermill.engine"].items())]
    (home / "entry_points.txt").write_text("\n".join(lines) + "\n")
    nbformat.write(
        notebook(("unit = '1'", "parameters"), "print(unit)", "unit"), tmp_path / "n.ipynb"
    )
    nbformat.write(notebook("print(1)", "import os\nos._exit(3)", "3"), tmp_path / "dies.ipynb")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}

    def papermill(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "papermill", "--engine", "workbench", *args]
        return subprocess.run(
            command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )

    done = papermill("n.ipynb", "out.ipynb", "-r", "unit", "00017")
    assert done.returncode == 0, done.stderr
    node = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert texts(node) == ["", "", "stdout: 00017\n", "'00017'"]
    assert {c.metadata.papermill.status for c in node.cells} == {"completed"}
    assert node.metadata.language_info.name == "python"
    dead = papermill("dies.ipynb", "dead.ipynb")
    assert dead.returncode != 0
    node = nbformat.read(tmp_path / "dead.ipynb", as_version=4)
    states = [c.metadata.papermill.status for c in node.cells if c.cell_type == "code"]
    assert states == ["completed", "failed", "pending"]
