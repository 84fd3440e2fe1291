"""What a report can do to itself, and what it can't do to others."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runs.engines import Bench, notebook, texts, worker
from workbench.runs.client import MOST_TEXT
from workbench.runs.engine import execute_standard
from workbench.runs.forked import execute_forked
from workbench.runs.processes import memory_limited

GOOD = notebook("1 + 1")


@pytest.fixture
def bench(pool, tmp_path: Path) -> Iterator[Bench]:
    """A bench whose next report is good, whatever the one of the test did."""
    made = Bench(pool, tmp_path)
    before = made.call(os.getpid)
    yield made
    assert texts(made.run(execute_forked, GOOD)) == ["2"]
    assert made.call(os.getpid) == before


def faulty(source: str):
    return notebook("print('before')", source, "print('never')")


def gone(pid: int) -> bool:
    """Say whether a process is gone within a few seconds."""
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(
    ("source", "reason", "signal"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero", None),
        ("import ctypes\nctypes.string_at(0)", "DeadKernelError: its process ended by SIGSEGV", "SIGSEGV"),
        ("import os\nos.abort()", "DeadKernelError: its process ended by SIGABRT", "SIGABRT"),
        ("import os\nos._exit(3)", "DeadKernelError: its process ended by itself", None),
        ("import os\nos.kill(os.getpid(), 9)", "DeadKernelError: its process ended by SIGKILL", "SIGKILL"),
        ("import os\nos.kill(os.getpid(), 40)", "DeadKernelError: its process ended by signal 40", "signal 40"),
        ("exit()", "DeadKernelError: its process ended by itself", None),
    ],
    ids=["raise", "segfault", "abort", "os._exit", "kill", "nameless", "exit"],
)  # fmt: skip
def test_a_crash_costs_its_report(
    bench: Bench, source: str, reason: str, signal: str | None
) -> None:
    failure = bench.fail(execute_forked, faulty(source))
    assert (failure.reason, failure.cell, failure.signal) == (reason, "cell-001", signal)
    first, second, third = failure.notebook.cells
    assert first.outputs[0].text == "before\n"
    assert second.id == "cell-001"
    assert [o.ename for o in second.outputs if o.output_type == "error"] == [
        reason.partition(":")[0]
    ]
    assert (third.outputs, third.execution_count) == ([], None)


def test_a_segfault_leaves_the_stack_in_its_cell(bench: Bench) -> None:
    source = "import ctypes\ndef deep():\n    ctypes.string_at(0)\ndeep()"
    failure = bench.fail(execute_forked, faulty(source))
    text = "".join(o.get("text", "") for o in failure.notebook.cells[1].outputs)
    assert "line 3 in deep" in text


def test_an_endless_loop_is_ended(bench: Bench) -> None:
    start = time.monotonic()
    failure = bench.fail(execute_forked, faulty("while True:\n    pass"), seconds=1)
    assert time.monotonic() - start < 20
    assert failure.reason == (
        "CellTimeoutError: A cell timed out while it was being executed, after 1 seconds."
    )
    assert failure.cell == "cell-001"


def test_a_loop_that_hears_no_signal_is_ended(bench: Bench) -> None:
    source = (
        "import signal\nfor s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):\n"
        "    signal.signal(s, signal.SIG_IGN)\nwhile True:\n    pass"
    )
    assert bench.fail(execute_forked, faulty(source), seconds=1).cell == "cell-001"


@pytest.mark.slow
def test_only_its_cells_are_timed(bench: Bench) -> None:
    """How long a report may take as a whole is the study's to say, in ``limits``."""
    node = notebook(*["import time\ntime.sleep(0.55)"] * 20)
    assert texts(bench.run(execute_forked, node, seconds=1)) == [""] * 20


def bounded(*args: Any) -> Any:
    """Execute a notebook with the memory that who renders its report allows."""
    with memory_limited(2**29):
        return execute_forked(*args)


def test_memory_is_bounded(bench: Bench) -> None:
    source = "eaten = []\nwhile True:\n    eaten.append(bytearray(2**24))"
    failure = bench.fail(bounded, faulty(source))
    assert failure.reason.startswith("MemoryError")
    assert failure.cell == "cell-001"
    numpy = "import numpy as np\nnp.ones(2**28)"
    failure = bench.fail(bounded, faulty(numpy))
    assert "Unable to allocate 2.00 GiB" in failure.reason


def test_a_fork_in_a_cell_comes_back_once(bench: Bench) -> None:
    node = notebook(
        "import os\nprint('once')\npid = os.fork()\nif not pid:\n    print('from the child')",
        "_ = pid and os.waitpid(pid, 0)\nprint('parent')",
        "import multiprocessing as mp\nwith mp.get_context('fork').Pool(2) as pool:\n"
        "    made = pool.map(abs, [-1, -2])\nmade",
    )
    done = texts(bench.run(execute_forked, node))
    # Two processes write into one pipe at once: in what order, and between which lines, is open.
    said = "".join(done[:2])
    assert [said.count(words) for words in ("once", "from the child", "parent")] == [1, 1, 1]
    assert done[2] == "[1, 2]"


def test_100_megabytes_of_text_are_not_kept(bench: Bench) -> None:
    node = notebook("for _ in range(100):\n    print('x' * 2**20)", "print('after')")
    before = bench.call(peak_memory)  # what the tests before have left in this process
    done = bench.run(execute_forked, node)
    assert sum(len(o.text) for o in done.cells[0].outputs) < MOST_TEXT + 200
    assert f"{100 * (2**20 + 1) - MOST_TEXT}" in done.cells[0].outputs[-1].text
    assert texts(done)[1] == "stdout: after\n"
    raw = notebook("import os\nfor _ in range(1600):\n    os.write(1, b'x' * 65536)")
    assert (
        sum(len(o.text) for o in bench.run(execute_forked, raw).cells[0].outputs) < MOST_TEXT + 200
    )
    assert bench.call(peak_memory) - before < 2**28


def peak_memory() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_a_working_directory_that_is_deleted(bench: Bench) -> None:
    node = notebook(
        "import os, shutil\nos.mkdir('inner')\nos.chdir('inner')\nshutil.rmtree(os.getcwd())",
        "import matplotlib.pyplot as plt\nplt.plot([1]);",
    )
    figure = bench.run(execute_forked, node).cells[1].outputs[0]
    assert "image/png" in figure.data
    assert not (bench.path / "inner").exists()


def test_what_is_left_running_goes_with_its_report(bench: Bench) -> None:
    node = notebook(
        "import subprocess, threading, time\nprocess = subprocess.Popen(['sleep', '600'])\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\nprint(process.pid)",
    )
    start = time.monotonic()
    done = bench.run(execute_forked, node)
    assert time.monotonic() - start < 60
    assert gone(int(texts(done)[0].removeprefix("stdout: ")))


def test_temporary_files_go_with_their_report(bench: Bench) -> None:
    node = notebook(
        "import os, tempfile\nprint(tempfile.mkdtemp())\nopen(tempfile.mkstemp()[1], 'w').write('x')",
        "os._exit(1)",
    )
    failure = bench.fail(execute_forked, node)
    folder = Path(failure.notebook.cells[0].outputs[0].text.strip())
    assert not folder.exists()
    assert not folder.parent.exists()


def test_a_failure_knows_its_cell_under_the_standard_engine_too(bench: Bench) -> None:
    failure = bench.fail(execute_standard, faulty("import os\nos._exit(3)"))
    assert (failure.reason, failure.cell) == ("DeadKernelError: Kernel died", "cell-001")
    assert failure.notebook.cells[1].outputs[-1].ename == "DeadKernelError"
    assert failure.notebook.cells[2].outputs == []


def test_a_report_dies_with_its_worker(tmp_path: Path) -> None:
    with worker() as pool:
        bench = Bench(pool, tmp_path)
        pid = bench.call(os.getpid)
        node = notebook(
            f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
        )
        future = pool.submit(execute_forked, bench.write(node), {}, tmp_path, tmp_path, 600)
        for _ in range(300):
            if (tmp_path / "pid").is_file() and (tmp_path / "pid").read_text():
                break
            time.sleep(0.1)
        os.kill(pid, 9)
        assert future.exception(timeout=30) is not None
    assert gone(int((tmp_path / "pid").read_text()))
