"""The shell in which a forked report runs its cells: that of a kernel, but with a pipe."""

from __future__ import annotations

import builtins
import ctypes
import getpass
import io
import os
import sys
import types
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from ipykernel.compiler import get_tmp_hash_seed, murmur2_x86
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.session import Session
from traitlets.config import Config

from workbench.display.lab import register
from workbench.runs.wire import CHUNK, STREAMS, Sender, write_all

INLINE = "module://matplotlib_inline.backend_inline"


_SPARE: list[ZMQInteractiveShell] = []


@dataclass(frozen=True, slots=True)
class Code:
    """A cell to run.

    Parameters
    ----------
    source : str
    count : int
        Its execution count.
    may_fail : bool
        Whether the next cell runs even if this one raises.
    shared : bool
        Whether it ran before the fork.
    """

    source: str
    count: int
    may_fail: bool
    shared: bool


class PipeSession(Session):  # type: ignore[misc]
    """The session of a kernel whose messages go over the pipe of the report."""

    def __init__(self, sender: Sender) -> None:
        super().__init__()
        self.sender = sender

    def send(
        self, stream: Any, msg_or_type: Any, content: Any = None, parent: Any = None, **_: Any
    ) -> None:
        """Send a message; of what a kernel would add, only its type and content are of use here."""
        if isinstance(msg_or_type, dict):
            msg_or_type, content = msg_or_type["header"]["msg_type"], msg_or_type["content"]
        self.sender.send(msg_or_type, content=content)


class Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of a report: text is sent when something else is."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, fd: int, sender: Sender) -> None:
        self.name = name
        self.fd = fd
        self.sender = sender
        self.parts: list[str] = []
        self.size = 0
        os.register_at_fork(after_in_child=self.parts.clear)

    def writable(self) -> bool:
        """Say that text can be written."""
        return True

    def fileno(self) -> int:
        """Return the fd that subprocesses write to."""
        return self.fd

    def write(self, text: str) -> int:
        """Keep text to be sent; in a forked process, write it to the fd."""
        if not isinstance(text, str):
            msg = f"write() argument must be str, not {type(text)}"  # type: ignore[unreachable]
            raise TypeError(msg)
        if not self.sender.mine:
            write_all(self.fd, text.encode("utf-8", "replace"))
            return len(text)
        with self.sender.lock:
            self.parts.append(text)
            self.size += len(text)
            if self.size > CHUNK:
                self.flush()
        return len(text)

    def flush(self) -> None:
        """Send what was kept."""
        if not self.sender.mine:
            return
        with self.sender.lock:
            text = "".join(self.parts)
            self.parts.clear()
            self.size = 0
            if text:
                self.sender.send("stream", content={"name": self.name, "text": text})


class Compiler(CachingCompiler):  # type: ignore[misc]
    """Names the code of a cell as a kernel does, without the kernel's process id."""

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:
        """Return the name under which tracebacks and warnings know a cell."""
        return f"/tmp/ipykernel_0/{murmur2_x86(raw_code, get_tmp_hash_seed())}.py"  # noqa: S108


def make_shell(sender: Sender, module: types.ModuleType | None) -> ZMQInteractiveShell:
    """Return the shell of this process.

    Parameters
    ----------
    sender : Sender
    module : module or None
        The ``__main__`` of the cells that ran before the fork.
    """
    shell = _SPARE.pop() if _SPARE else _new_shell()
    for cls in shell._walk_mro():  # a notebook may be what started this report
        cls._instance = shell
    shell.init_create_namespaces(module)
    shell.init_sys_modules()
    shell.init_user_ns()
    shell.init_environment()
    shell.history_manager.dir_hist[:] = [Path.cwd()]
    session = PipeSession(sender)
    shell.displayhook.session = shell.display_pub.session = session
    shell.displayhook.pub_socket = shell.display_pub.pub_socket = None
    shell.displayhook.topic = b"execute_result"
    # There is no event loop of windows here, and no kernel to ask for one.
    shell.enable_gui = lambda gui=None: None
    shell.kernel = types.SimpleNamespace(eventloop=None)
    return shell


def warm_shell() -> None:
    """Make a shell for the reports to come, each of which has it for itself after its fork."""
    main, variables = sys.modules["__main__"], dict(os.environ)
    try:
        _SPARE.append(_new_shell())
    finally:
        sys.modules["__main__"] = main
        os.environ.clear()
        os.environ.update(variables)


def _new_shell() -> ZMQInteractiveShell:
    # History would open a database and start a thread that writes it.
    config = Config({"HistoryManager": {"enabled": False}})
    shell = ZMQInteractiveShell(config=config, compiler_class=Compiler)
    # In a kernel the import of the package does this; here it came before there was a shell.
    register(shell)
    return shell


def needs_a_kernel(sender: Sender, what: str) -> NoReturn:
    """Hand the report over to the standard engine."""
    sender.send("needs", what=what)
    os._exit(0)


def forbid(sender: Sender) -> None:
    """Send away what only a kernel can do, however deep it is asked for."""
    import comm

    def refuse_comm(*_: Any, **__: Any) -> NoReturn:
        needs_a_kernel(sender, "widgets")

    def refuse_input(*_: Any, **__: Any) -> NoReturn:
        from IPython.core.error import StdinNotImplementedError

        msg = "raw_input was called, but this frontend does not support input requests."
        raise StdinNotImplementedError(msg)

    comm.create_comm = refuse_comm
    builtins.input = refuse_input
    getpass.getpass = refuse_input
    # A compiler that worked before a fork waits for ever for its threads after it.
    typst = sys.modules.get("typst")
    if typst is not None:
        for name in ("Compiler", "compile", "query"):
            setattr(typst, name, lambda *_, **__: needs_a_kernel(sender, "typst"))


def inline_figures() -> None:
    """Show figures of pyplot as a kernel does, although matplotlib was imported before the shell.

    matplotlib looks at its environment when it is imported. Left alone, every figure of a warm
    process would be lost without a word.
    """
    if "matplotlib" not in sys.modules:
        return
    import matplotlib as mpl

    mpl.rcParams["backend"] = os.environ["MPLBACKEND"]
    if os.environ["MPLBACKEND"] == INLINE and "matplotlib.pyplot" in sys.modules:
        import matplotlib.pyplot as plt
        from matplotlib_inline import backend_inline

        plt.close("all")
        vars(backend_inline.configure_inline_support).pop("current_backend", None)
        backend_inline._enable_matplotlib_integration()  # type: ignore[no-untyped-call]


def run_cells(shell: InteractiveShell, sender: Sender, cells: Sequence[Code]) -> None:
    """Run cells until one fails, and say so."""
    streams = [Stream(name, fd, sender) for fd, name in enumerate(STREAMS, start=1)]
    sys.stdout, sys.stderr = streams
    libc = ctypes.CDLL(None)
    for cell in cells:
        shell.execution_count = cell.count
        if cell.shared:
            _remember(shell, cell)
            continue
        sender.send("start", content={"execution_count": cell.count})
        result = shell.run_cell(cell.source, store_history=True)
        if not sender.mine:  # a process that the cell forked has come back from it
            os._exit(0)
        libc.fflush(None)
        for stream in streams:
            stream.flush()
        error = result.error_before_exec or result.error_in_exec
        shown = getattr(shell, "_last_traceback_during_displayhook", False)
        failed = error is not None or not result.success or shown
        if shell.exit_now:
            os._exit(0)
        sender.send("end", failed=failed)
        if failed and not cell.may_fail:
            return
    sender.send("done")


def _remember(shell: InteractiveShell, cell: Code) -> None:
    """Enter a cell that ran before the fork into the history."""
    transformed = shell.transform_cell(cell.source)
    shell.compile.cache(transformed, cell.count, raw_code=cell.source)
    shell.history_manager.store_inputs(cell.count, transformed, cell.source)
