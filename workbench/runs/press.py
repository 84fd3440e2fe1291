"""A press: a process that only compiles PDFs, beside a worker that forks reports.

Typst keeps what it laid out, half a gigabyte after some reports. A worker that held that would copy
its pages at each fork, so its PDFs are made elsewhere; and the process that makes them is replaced
when it holds too much. The module is also what it runs: ``python -m workbench.runs.press``.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

from workbench.reports.compiling import RefusedError, compiled_folder
from workbench.runs.hashing import PACKAGE
from workbench.runs.processes import die_with, signal_name

WORN = 350 * 10**6  # bytes beyond which a new press is cheaper than the memory of an old one


class PressDiedError(Exception):
    """The process that compiled a PDF ended.

    Parameters
    ----------
    signal : str
        Name of the signal that ended it; empty where there was none.
    code : int
        With which it ended.
    """

    def __init__(self, signal: str, code: int) -> None:
        super().__init__(signal or f"code {code}")
        self.signal = signal


class Press:
    """A process that compiles PDFs, started when the first is wanted and replaced when worn.

    Parameters
    ----------
    tell : callable
        Called with the number of each process that is started.
    worn : int
        Bytes of memory beyond which a process is replaced.
    """

    def __init__(self, tell: Callable[[int], None], worn: int = WORN) -> None:
        self.tell, self.worn = tell, worn
        self.process: subprocess.Popen[bytes] | None = None

    def compiled(self, root: Path, fonts: list[str]) -> bytes:
        """Return the PDF of the files in a folder; see :func:`compiled_folder`.

        Raises
        ------
        RefusedError
            If Typst refuses it.
        PressDiedError
            If the process ended.
        """
        if self.process is None:
            self.process = self._started()
            self.tell(self.process.pid)
        order, answer = _ends(self.process)
        try:
            order.write(json.dumps([str(root), fonts]).encode() + b"\n")
            order.flush()
            said = json.loads(answer.readline())
            content = answer.read(said["bytes"])
        except (OSError, ValueError) as cause:
            code = self.end()
            raise PressDiedError(signal_name(-code) if code < 0 else "", code) from cause
        if said["worn"]:
            self.end()
        if said["refused"]:
            raise RefusedError(content.decode())
        return content

    @property
    def processes(self) -> list[int]:
        """The number of the process, where there is one."""
        return [] if self.process is None else [self.process.pid]

    def end(self) -> int:
        """End the process, and return the code with which it ended."""
        process, self.process = self.process, None
        if process is None:
            return 0
        for stream in _ends(process):
            with contextlib.suppress(OSError):
                stream.close()
        return process.wait()  # with nothing left to read it ends by itself

    def _started(self) -> subprocess.Popen[bytes]:
        """Start a process."""
        before = os.environ.get("PYTHONPATH")
        paths = os.pathsep.join([str(PACKAGE.parent), *([before] if before else [])])
        # The command is this interpreter and this module; -P: nothing of the folder it stands in.
        return subprocess.Popen(  # noqa: S603
            [
                *(sys.executable, "-P", "-m", "workbench.runs.press"),
                *(str(os.getpid()), str(self.worn)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": paths},
        )


def _ends(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """Return where orders go and answers come from."""
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018  # piped
    return process.stdin, process.stdout


def main(parent: int, worn: int) -> None:
    """Compile what is ordered on the standard input until it is closed.

    Parameters
    ----------
    parent : int
        The process that orders: this one ends with it.
    worn : int
        Bytes of memory beyond which it says that it is worn.
    """
    die_with(parent)
    for line in sys.stdin:
        root, fonts = json.loads(line)
        refused = False
        try:
            content = compiled_folder(Path(root), fonts)
        except RefusedError as error:
            refused, content = True, str(error).encode()
        head = {"bytes": len(content), "refused": refused, "worn": _resident() > worn}
        sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + content)
        sys.stdout.buffer.flush()


def _resident() -> int:
    """Return the bytes of memory that this process holds; 0 where that can't be told."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
