"""A process that has everything imported and no threads, and forks a command line for each request.

So each test has command lines of its own, that can be killed, without waiting for imports each time.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from workbench.runs.engine import KERNEL_ENVIRONMENT, execute_standard
from workbench.runs.ledger import LEDGER, Entry, read_history
from workbench.runs.render import Workplace
from workbench.specs.version import MIMETYPE


def quick(path: Path, parameters: dict[str, Any], root: Path, run: Path, seconds: int) -> Any:
    """Stand in for an engine: a child works for a moment, and the notebook comes with a display."""
    from workbench.runs.engine import NotebookFailedError, clean

    child = os.fork()
    if child == 0:
        time.sleep(0.15)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    node = nbformat.read(path, as_version=4)
    if status:
        raise NotebookFailedError("DeadKernelError: its process ended", clean(node))
    said = f"{parameters.get('unit')} {parameters.get('study')}"
    model = {
        "version": 1, "locale": "es-MX",
        "blocks": [{"kind": "heading", "text": said, "level": 1}],
    }  # fmt: skip
    shown = nbformat.v4.new_output("display_data", data={MIMETYPE: model, "text/plain": said})
    node.cells[-1].outputs = [shown]
    return clean(node)


@dataclass
class Started:
    """A command line that runs.

    Parameters
    ----------
    pid : int
    folder : Path
        Where its output and exit code are written.
    """

    pid: int
    folder: Path

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.pid, number)

    def wait(self, seconds: float = 120) -> int | None:
        """Return the exit code; None if it was killed."""
        until = time.monotonic() + seconds
        while alive(self.pid):
            assert time.monotonic() < until, "it does not end"
            time.sleep(0.005)
        code = self.folder / "code"
        return int(code.read_text()) if code.is_file() else None

    @property
    def out(self) -> str:
        return (self.folder / "out").read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        return (self.folder / "err").read_text(encoding="utf-8")


@dataclass
class Host:
    """The process that starts command lines."""

    folder: Path
    root: Path
    count: int = 0
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.runs.host"], cwd=self.root, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **KERNEL_ENVIRONMENT},
        )  # fmt: skip
        assert self._answer() == "ready"

    def _answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def start(self, *args: object, cwd: Path) -> Started:
        """Start a command line."""
        assert self.process.stdin is not None
        self.count += 1
        folder = self.folder / f"command{self.count}"
        folder.mkdir()
        request = {"args": [str(a) for a in args], "cwd": str(cwd), "folder": str(folder)}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return Started(int(self._answer()), folder)

    def run(self, *args: object, cwd: Path) -> Started:
        """Run a command line to its end."""
        started = self.start(*args, cwd=cwd)
        started.wait()
        return started

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)


def alive(pid: int) -> bool:
    """Return whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return False


def await_line(run: Path, status: str, seconds: float = 60, skip: int = 0) -> Entry:
    """Return the first line of a ledger with a state, after ``skip`` others, once it is there."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = [e for e in read_history(run) if e.status == status] if run.is_dir() else []
        if len(found) > skip:
            return found[skip]
        time.sleep(0.001)
    msg = f"no report came to be {status}: {(run / LEDGER).read_text()}"
    raise AssertionError(msg)


def serve() -> None:
    """Answer requests until there are no more."""
    import workbench.cli
    from workbench.cli.main import execute
    from workbench.console import ProgressLine
    from workbench.runs import outline, run
    from workbench.runs.engines import ENGINES, NamedEngine
    from workbench.runs.worker import warm

    warm({}, Workplace(Path(), Path(), "", 0), execute_standard)
    ENGINES["quick"] = NamedEngine("quick", quick)
    _ = (workbench.cli, ProgressLine, outline, run)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for what is started here
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid:
            print(pid, flush=True)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        os.setsid()
        os.chdir(request["cwd"])
        folder = Path(request["folder"])
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT), number)
        code = 70
        try:
            code = execute(request["args"])
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            (folder / "code").write_text(str(code))
            os._exit(code)


if __name__ == "__main__":
    serve()
