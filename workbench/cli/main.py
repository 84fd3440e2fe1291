"""How a command line begins and ends: its exit code, and what is said of mistakes and bugs."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any, NoReturn

import typer
from typer.main import get_command

from workbench.cli.app import EXIT_BUG, EXIT_DONE, EXIT_INPUT, EXIT_STOPPED, app, tongue
from workbench.cli.help import speak
from workbench.errors import WorkbenchError
from workbench.language import Message
from workbench.usage import usage_error

# typer keeps its own copy of click and names only this part of its mistakes in public.
USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]


def main() -> NoReturn:
    """Run the command line and end with its exit code."""
    _steady()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    code = execute()
    if code == EXIT_STOPPED:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> NoReturn:
    """End at once: who stopped a run waits, and to take a nation's data apart lasts seconds."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody may be reading any more
            stream.flush()
    os._exit(code)


def _steady() -> None:
    """Start again where reports will be forked from this process, in the surroundings they need.

    The seed of hashes and the threads of linear algebra are read when the interpreter starts.
    """
    from workbench.runs.engine import KERNEL_ENVIRONMENT

    other = any(os.environ.get(name) != value for name, value in KERNEL_ENVIRONMENT.items())
    if other and os.name == "posix" and {"run", "verify"} & {*sys.argv[1:2]}:
        os.execve(  # noqa: S606 - this very command once more
            sys.executable, sys.orig_argv, {**os.environ, **KERNEL_ENVIRONMENT}
        )


def execute(args: list[str] | None = None) -> int:
    """Return the exit code of a command line."""
    try:
        result: Any = speak(get_command(app), tongue())(args=args, standalone_mode=False)
    except USAGE_ERROR as error:
        # Without any argument typer has printed the help, and has nothing to add.
        return _report(usage_error(error)) if error.format_message() else EXIT_INPUT  # type: ignore[attr-defined]
    except WorkbenchError as error:
        return _report(error)
    except (typer.Abort, KeyboardInterrupt):
        return _stopped()
    except typer.Exit as end:
        return int(end.exit_code)
    except BrokenPipeError:
        return EXIT_DONE
    except Exception as error:  # the last net: a bug is reported, never shown raw
        path = _crash(error)
        text = Message(
            "This is a bug of the workbench, not of your input. Details: {path}", path=path
        )
        print(text.text(tongue()), file=sys.stderr)  # noqa: T201
        return EXIT_BUG
    if result == EXIT_STOPPED:  # what typer makes of Ctrl-C, without a word
        return _stopped()
    return int(result) if isinstance(result, int) else EXIT_DONE


def _stopped() -> int:
    """Say that a command was stopped, and return its exit code."""
    text = Message("Stopped. What was finished is kept; run again to go on.")
    print(text.text(tongue()), file=sys.stderr)  # noqa: T201
    return EXIT_STOPPED


def _report(error: WorkbenchError) -> int:
    """Print an error and return its exit code."""
    from workbench.console import show_error

    show_error(error, tongue())
    return error.exit_code


def _crash(error: BaseException) -> Path:
    """Write what is needed to mend a bug to a file, and return its path."""
    text = "".join(traceback.format_exception(error))
    handle, name = tempfile.mkstemp(prefix="workbench-crash-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"workbench {' '.join(sys.argv[1:])}\n\n{text}")
    return Path(name)
