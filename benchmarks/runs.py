"""Reports of a made-up nation: one command beside loops over papermill and nbconvert.

    python benchmarks/runs.py --make DIR           only make the project, as made_up_nation.py does
    python benchmarks/runs.py [--slice N] [--rounds R] [--loop N] [--workers W] [--project DIR]
    python benchmarks/runs.py --slice 0            all 2,469 reports in one command
    python benchmarks/runs.py --cluster --slice N  N reports by Dask beside the run of this machine

Every report is the full municipal notebook of the GDM nation, as ipynb, HTML and PDF. In each
round, in turn:

commands   W loops at once, each a report at a time: ``papermill``, ``jupyter nbconvert`` to HTML,
           ``jupyter nbconvert`` to PDF
in process W loops at once over ``papermill.execute_notebook`` and warm exporters, start not counted
one run    ``workbench run --workers W`` on N reports; from its first report to its last
floor      a bare fork, the page's template and the PDF's compilation, each alone; and the cells

All read the frozen data of one run (``WORKBENCH_RUN``), so that no loop scores the nation anew.
Seconds are by the wall clock divided by reports; CPU is that of all processes. Memory is the
proportional set size of the whole process tree of the run, sampled; with --slice 0 also at report
200 and from there to the end. Machines differ and are noisy: quote ratios of one run.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier
from pathlib import Path

from made_up_nation import STUDY, make_nation

NOTEBOOK = "notebooks/municipality.ipynb"
BIN = Path(sys.executable).parent
WORKBENCH = (sys.executable, "-c", "from workbench.cli import main; main()")
QUIET = {"PYTHONWARNINGS": "ignore", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
TICK = os.sysconf("SC_CLK_TCK")
SECTIONS = (  # in the order of the notebook
    "cover", "where", "peers", "change", "areas", "strengths", "next_steps", "certainty", "method",
)  # fmt: skip
SAMPLE = 0.5  # seconds from one look at the process tree to the next


# -- loops of before -------------------------------------------------------------------------------


def by_commands(project: Path, out: Path, codes: list[str]) -> None:
    """Make reports with command lines, one after the other."""
    for code in codes:
        target = out / f"{code}.ipynb"
        steps = [
            [BIN / "papermill", NOTEBOOK, target, "--no-progress-bar", "-r", "study", STUDY,
             "-r", "unit", code],
            [BIN / "jupyter", "nbconvert", "--to", "workbenchhtml", target],
            [BIN / "jupyter", "nbconvert", "--to", "typstpdf", target],
        ]  # fmt: skip
        for step in steps:
            command = [str(part) for part in step]
            subprocess.run(command, cwd=project, check=True, capture_output=True)


def in_process(project: Path, out: Path, codes: list[str], start: Barrier) -> None:
    """Make reports in one process with warm exporters; the first report is not counted."""
    import nbformat
    import papermill

    from workbench.reports.html import ReportHTMLExporter
    from workbench.reports.pdf import TypstPDFExporter

    os.chdir(project)
    page, print_ = ReportHTMLExporter(), TypstPDFExporter()
    for index, code in enumerate([codes[0], *codes]):
        if index == 1:
            start.wait()
        target = out / f"{code}.ipynb"
        papermill.execute_notebook(
            NOTEBOOK, str(target), parameters={"study": STUDY, "unit": code}, progress_bar=False,
            kernel_name="python3",
        )  # fmt: skip
        node = nbformat.read(target, as_version=4)
        target.with_suffix(".html").write_text(page.from_notebook_node(node)[0])
        target.with_suffix(".pdf").write_bytes(print_.from_notebook_node(node)[0])


def loops(
    function: Callable[..., None], project: Path, shares: list[list[str]], *, warm: bool
) -> tuple[float, float]:
    """Return wall and CPU seconds a report of several loops at once."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(shares) + 1) if warm else None
    with tempfile.TemporaryDirectory() as folder:
        args = [(project, Path(folder), share, *([barrier] if barrier else [])) for share in shares]
        workers = [context.Process(target=function, args=a) for a in args]
        for worker in workers:
            worker.start()
        if barrier is not None:
            barrier.wait()
        pids = [worker.pid for worker in workers if worker.pid is not None]
        clock, used = time.perf_counter(), {pid: tree(pid).cpu for pid in pids}
        last = dict(used)
        while any(worker.is_alive() for worker in workers):
            last |= {pid: found.cpu for pid in pids if (found := tree(pid)).cpu}
            time.sleep(0.1)
        wall = time.perf_counter() - clock
        if any(worker.exitcode for worker in workers):
            sys.exit("a loop failed")
    n = sum(map(len, shares))
    return wall / n, sum(last[pid] - used[pid] for pid in pids) / n


# -- the process tree ------------------------------------------------------------------------------


@dataclass
class Tree:
    """What a process and everything below it used: CPU seconds (of it alone too), memory in MB."""

    cpu: float = 0.0
    first: float = 0.0
    pss: float = 0.0
    processes: int = 0


def tree(root: int, *, memory: bool = False) -> Tree:
    """Return what a process tree used until now, with children that have ended."""
    found = Tree()
    for pid in below(root):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text() if memory else ""
        except OSError:
            continue
        found.cpu += sum(map(int, stat[11:15])) / TICK
        if pid == root:
            found.first = sum(map(int, stat[11:13])) / TICK
        found.pss += sum(int(x.split()[1]) for x in rollup.splitlines() if x[:4] == "Pss:") / 1000
        found.processes += 1
    return found


def below(root: int) -> Iterator[int]:
    """Yield a process and all its living descendants."""
    yield root
    for path in Path(f"/proc/{root}/task").glob("*/children"):
        try:
            children = path.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from below(int(child))


@dataclass
class Watch:
    """One run of the command, watched: reports done, CPU and memory over time."""

    command: list[str]
    project: Path
    run: Path
    samples: list[tuple[float, int, Tree]] = field(default_factory=list)
    seconds: float = 0.0

    def go(self) -> Watch:
        """Run it to its end."""
        clock = time.perf_counter()
        process = subprocess.Popen(self.command, cwd=self.project, stderr=subprocess.PIPE)
        drain = threading.Thread(target=process.stderr.read if process.stderr else print)
        drain.start()
        while process.poll() is None:
            found = tree(process.pid, memory=True)
            self.samples.append((time.perf_counter() - clock, self._done(), found))
            time.sleep(SAMPLE)
        self.seconds = time.perf_counter() - clock
        drain.join()
        if process.returncode:
            sys.exit(f"{' '.join(self.command)} ended with {process.returncode}")
        return self

    def _done(self) -> int:
        """Return the lines of the ledger."""
        path = self.run / "ledger.jsonl"
        return path.read_bytes().count(b'"status": "done"') if path.is_file() else 0

    def steady(self) -> tuple[float, float]:
        """Return wall and CPU seconds a report, from the first report to the last."""
        first, last = self._ends()
        n = last[1] - first[1]
        return (last[0] - first[0]) / n, (last[2].cpu - first[2].cpu) / n

    def _ends(self) -> tuple[tuple[float, int, Tree], tuple[float, int, Tree]]:
        """Return the sample after the first report, and the last one before the last report.

        After that workers end, and the records of the run are written.
        """
        some = [s for s in self.samples if s[1] > 0]
        return some[0], [s for s in some if s[1] < some[-1][1]][-1]

    def lead(self) -> float:
        """Return CPU seconds a report of the first process alone, between the same two moments."""
        first, last = self._ends()
        return (last[2].first - first[2].first) / (last[1] - first[1])

    def memory(self, least: int = 0) -> tuple[float, float]:
        """Return lowest and highest memory in MB once some reports are done."""
        sizes = [found.pss for _, done, found in self.samples if done >= least and found.pss]
        return min(sizes), max(sizes)


def one_run(project: Path, out: Path, codes: list[str], workers: int, *more: str) -> Watch:
    """Run the command on some units; on all of them and the cohort where there are none."""
    shutil.rmtree(out, ignore_errors=True)  # else reports of an earlier run would be current
    chosen = [*more, "--unit", *codes] if codes else [*more]
    command = [*WORKBENCH, "run", STUDY, "--workers", str(workers), "--out", str(out), *chosen]
    return Watch(command, project, out).go()


# -- the floor -------------------------------------------------------------------------------------


def floor(project: Path, codes: list[str]) -> dict[str, float]:
    """Return CPU seconds of a bare fork, the page, the PDF, and the cells of a report, each alone.

    Run in a process of its own: a process that has compiled a PDF must not fork.
    """
    from workbench import Study
    from workbench.display import municipality as report
    from workbench.language import as_locale
    from workbench.reports.html import render_page, with_anchors
    from workbench.reports.pdf import typeset

    os.chdir(project)
    spent: dict[str, list[float]] = {name: [] for name in ("cells", "fork", "page", "pdf")}

    def timed(name: str, function: Callable[[], object]) -> object:
        start = os.times()
        found = function()
        spent[name].append(sum(os.times()[:4]) - sum(start[:4]))
        return found

    def cells(code: str) -> list[dict[str, object]]:
        view = Study.open(STUDY).view(code)
        bundles = [getattr(report, name)(view)._repr_mimebundle_() for name in SECTIONS]
        models = [model for b in bundles for key, model in b.items() if key.endswith("+json")]
        return [block for model in models for block in model["blocks"]]

    def fork() -> None:
        pid = os.fork()
        if not pid:
            os._exit(0)
        os.waitpid(pid, 0)

    locale, made = as_locale("es-MX"), []
    for code in [codes[0], *codes]:
        made.append(timed("cells", lambda code=code: cells(code)))
        timed("fork", fork)
    for blocks in made:
        timed("page", lambda blocks=blocks: render_page(with_anchors(blocks), locale, "Report"))
    for blocks in made:
        timed("pdf", lambda blocks=blocks: typeset(blocks, locale, "Report"))
    return {name: statistics.mean(found[1:]) for name, found in spent.items()}


def floor_apart(project: Path, codes: list[str]) -> dict[str, float]:
    """Return the floor as a fresh process measures it."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(floor, (project, codes))


# -- what is printed -------------------------------------------------------------------------------


def sizes(run: Path) -> dict[str, float]:
    """Return the mean size in kB of each kind of file of a report."""
    forms = ("ipynb", "html", "pdf")
    found = {f: [p.stat().st_size for p in run.glob(f"reports/[0-9]*/report.{f}")] for f in forms}
    return {form: statistics.mean(some) / 1000 for form, some in found.items()}


def compare(project: Path, given: argparse.Namespace, codes: list[str]) -> None:
    """Print all ways side by side, interleaved in rounds."""
    frozen = project / "outputs" / "frozen"
    one_run(project, frozen, codes, given.workers)
    os.environ["WORKBENCH_RUN"] = str(frozen)
    found: dict[str, list[tuple[float, float]]] = {}
    floors, runs = [], []
    for turn in range(given.rounds):
        begin = turn * given.loop * given.workers % max(len(codes) - given.loop * given.workers, 1)
        some = codes[begin : begin + given.loop * given.workers]
        shares = [some[w :: given.workers] for w in range(given.workers)]
        found.setdefault("commands", []).append(loops(by_commands, project, shares, warm=False))
        found.setdefault("in process", []).append(loops(in_process, project, shares, warm=True))
        floors.append(floor_apart(project, some))
        variable = os.environ.pop("WORKBENCH_RUN")
        runs.append(one_run(project, project / "outputs" / f"run{turn}", codes, given.workers))
        os.environ["WORKBENCH_RUN"] = variable
        found.setdefault("one run", []).append(runs[-1].steady())
    typical = {
        name: tuple(statistics.median(x[i] for x in some) for i in (0, 1))
        for name, some in found.items()
    }
    wall, cpu = typical["one run"]
    print(f"{'':12} {'s/report':>9} {'CPU s':>7} {'times':>6}")
    for name, (seconds, used) in typical.items():
        print(f"{name:12} {seconds:9.3f} {used:7.3f} {seconds / wall:6.1f}")
    least = {k: statistics.median(f[k] for f in floors) for k in floors[0]}
    print("alone, CPU ms: " + ", ".join(f"{k} {1000 * v:.1f}" for k, v in least.items()))
    bare = least["fork"] + least["page"] + least["pdf"]
    outside = cpu - least["cells"]
    print(f"CPU outside the cells {1000 * outside:.0f} ms, {outside / bare:.2f} times the floor")
    print(f"memory at most {max(r.memory()[1] for r in runs):.0f} MB; kB a report: "
          + ", ".join(f"{k} {v:.0f}" for k, v in sizes(runs[-1].run).items()))  # fmt: skip


def whole(project: Path, given: argparse.Namespace) -> None:
    """Print what one command for all reports took."""
    run = one_run(project, project / "outputs" / "whole", [], given.workers)
    seconds, cpu = run.steady()
    n = max(done for _, done, _ in run.samples)
    first, last = run.memory(200)
    print(f"{n} reports with {given.workers} workers in {run.seconds / 60:.1f} minutes, start and "
          f"plan included; {1 / seconds:.1f} reports a second, CPU {cpu:.3f} s each")  # fmt: skip
    print(f"memory of the process tree at most {run.memory()[1]:.0f} MB; from report 200 to the "
          f"end {first:.0f} to {last:.0f} MB")  # fmt: skip
    print("kB a report: " + ", ".join(f"{k} {v:.0f}" for k, v in sizes(run.run).items()))


CONTINENT = 16_288  # municipalities of Latin America
CLUSTERS = (2, 8, 64, 256)


def cluster(project: Path, given: argparse.Namespace, codes: list[str]) -> None:
    """Print what a report costs more on a cluster, and what follows for larger ones.

    What the process that holds the run together does for a report (send it, take it, write its
    line) is done once a report however many workers there are: it bounds their number.
    """
    found: dict[str, list[tuple[float, float]]] = {"here": [], "dask": []}
    alone = []
    for turn in range(given.rounds):
        for way, more in (("here", ()), ("dask", ("--dask", "local"))):
            run = one_run(
                project, project / "outputs" / f"{way}{turn}", codes, given.workers, *more
            )
            found[way].append(run.steady())
            if way == "dask":
                alone.append(run.lead())
    (here, here_cpu), (dask, dask_cpu) = (
        tuple(statistics.median(x[i] for x in some) for i in (0, 1)) for some in found.values()
    )
    lead = statistics.median(alone)
    print(f"here {here:.3f} s a report, CPU {here_cpu:.3f}; dask {dask:.3f} s, CPU {dask_cpu:.3f}")
    print(f"overhead of a task: {1000 * (dask_cpu - here_cpu):.0f} ms CPU in all processes; of the "
          f"leading process and its scheduler {1000 * lead:.1f} ms")  # fmt: skip
    for workers in CLUSTERS:
        each = max(dask * given.workers / workers, lead)
        print(f"{CONTINENT:,} with {workers} workers: {CONTINENT * each / 60:.0f} minutes"
              + (", bound by the leading process" if each == lead else ""))  # fmt: skip


def main() -> None:
    """Make the nation where there is none, and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--make", type=Path, help="only make the project in this folder")
    parser.add_argument("--project", type=Path, help="a project made before")
    parser.add_argument("--units", type=int, default=2469)
    parser.add_argument("--slice", type=int, default=60, help="reports of one run; 0 for all")
    parser.add_argument(
        "--cluster", action="store_true", help="Dask beside the run of this machine"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loop", type=int, default=3, help="reports of each loop a round")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    if given.make is not None:
        make_nation(given.make, given.units)
        return
    os.environ |= QUIET
    with tempfile.TemporaryDirectory() as folder:
        project = given.project or Path(folder) / "nation"
        if not given.project:
            make_nation(project, given.units)
        project = project.resolve()
        units = (project / "data/cases/nacion-ejemplo/municipios.csv").read_text().splitlines()[1:]
        codes = [line.split(",")[0] for line in units]
        some = codes[:: max(len(codes) // max(given.slice, 1), 1)][: given.slice]
        if given.cluster:
            cluster(project, given, some)
        elif given.slice:
            compare(project, given, some)
        else:
            whole(project, given)


if __name__ == "__main__":
    main()
