"""One case: a good input made faulty, read as the command line reads it, and judged."""

from __future__ import annotations

import contextlib
import fnmatch
import importlib
import os
import random
import re
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from tests.fuzz.bases import SAID, Base
from tests.fuzz.faults import FAULTS
from tests.fuzz.faults.plain import Unusual
from tests.fuzz.levels import LEVELS
from tests.fuzz.readers import Reader, bases_of
from tests.fuzz.texts import TRACE
from workbench.cli import execute
from workbench.errors import WorkbenchError

command_line = importlib.import_module(
    "workbench.cli.main"
)  # the package gives its function this name
MOST_SECONDS = 5.0
MOST_BYTES = 1_000_000_000
MOST_CONTENT = 20_000_000  # made here, and held beside what a reader takes
TRIES = 8
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SAID_TWICE = ("Traceback", "Warning:", "warnings.warn")
CHECKED = 1  # the exit code of a command that found files altered


@dataclass(frozen=True, slots=True)
class Faulty:
    """A good input with one file made faulty.

    Parameters
    ----------
    base : Base
    content : bytes
        Of the target.
    how : str
        The faults, as level and name.
    """

    base: Base
    content: bytes
    how: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case: ``ok``, ``refused`` or ``found``, and what was found."""

    verdict: str
    what: str = ""
    detail: str = ""
    how: str = ""


def make_faulty(reader: Reader, kind: str, draw: random.Random) -> Faulty:
    """Return a good input of a reader with one or two faults of a kind."""
    base = draw.choice(bases_of(reader))
    options = options_of(reader, kind)
    content, how = base.files[base.target], []
    wanted = draw.choice((1, 1, 1, 2))
    for _ in range(TRIES):
        level, change = draw.choice(options)
        try:
            changed = LEVELS[level](draw, change, content, Path(base.target).suffix)
        except Exception:  # what is faulty already can't always be opened again
            continue
        if changed != content and len(changed) <= MOST_CONTENT:
            content = changed
            how.append(f"{level}: {change.__name__}")
            if len(how) == wanted or content.startswith(Unusual.MARK):
                break
    return Faulty(base, content, ", ".join(how))


def options_of(reader: Reader, kind: str) -> list[tuple[str, Callable[..., object]]]:
    """Return the faults of a kind that suit a reader, with their level; a formula is a text."""
    return [
        (level, change)
        for level in reader.levels
        for change in FAULTS.get((kind, "text" if level == "formula" else level), ())
    ]


def judge(
    reader: Reader, faulty: Faulty, folder: Path, ready: Callable[[], object] = lambda: None
) -> Outcome:
    """Return what came of reading a faulty input in a folder of its own."""
    project, beside = folder / "project", folder / "tmp"
    beside.mkdir(parents=True)
    _write(project, faulty)
    before = _seen(folder)
    _forget_peak()
    ready()
    start = time.process_time()
    with _inside(project, beside), _heard(folder) as heard:
        code, error, crash = _read(reader, faulty, project)
    seconds, peak = time.process_time() - start, _peak()
    found = _faults_of(reader, code, error, crash, heard, seconds, peak)
    found = found or _stray(folder, before, faulty.base)
    if found:
        return Outcome("found", found, crash or _told(error, heard), faulty.how)
    read = code == 0 or (code == 3 and error is None)  # parts of a run, of which some are absent
    return Outcome("ok" if read else "refused", "", _told(error, heard), faulty.how)


def _write(project: Path, faulty: Faulty) -> None:
    for name, good in faulty.base.files.items():
        if name == SAID:
            continue
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = faulty.content if name == faulty.base.target else good
        if not Unusual.make(path, content):
            path.write_bytes(content)


def _words(faulty: Faulty) -> list[str]:
    """Return the command line; no system passes zeros."""
    if faulty.base.target != SAID:
        return list(faulty.base.words)
    text = faulty.content.decode("utf-8", "surrogateescape")
    return text.replace("\x00", "").split("\n")


def _read(reader: Reader, faulty: Faulty, project: Path) -> tuple[int, WorkbenchError | None, str]:
    """Return exit code, error and traceback."""
    errors: list[WorkbenchError] = []

    def reported(error: WorkbenchError) -> int:
        errors.append(error)
        return told(error)

    told = command_line._report
    try:
        if reader.call is not None:
            reader.call(project)
            return 0, None, ""
        with mock.patch.multiple(command_line, _report=reported, _crash=_crashed):
            code = execute(_words(faulty))
    except WorkbenchError as error:
        return reported(error), error, ""
    except BaseException as cause:  # a bug of what has no command, or of the command line itself
        return 70, None, "".join(traceback.format_exception(cause))
    return code, errors[0] if errors else None, CRASHES.pop() if CRASHES else ""


CRASHES: list[str] = []


def _crashed(error: BaseException) -> Path:
    CRASHES.append("".join(traceback.format_exception(error)))
    return Path("crash.txt")


def _faults_of(
    reader: Reader,
    code: int,
    error: WorkbenchError | None,
    crash: str,
    heard: list[str],
    seconds: float,
    peak: int,
) -> str:
    """Return what is wrong with how a case ended; empty if nothing is."""
    if crash or code == 70:
        return f"bug: {_last_place(crash)}"
    if seconds > MOST_SECONDS:
        return f"slow: {seconds:.0f} s"
    if peak > MOST_BYTES:
        return f"memory: {peak / 1e9:.1f} GB"
    out, err = heard
    if code not in (0, CHECKED, 2, 3):
        return f"exit {code}"
    if any(word in err for word in _SAID_TWICE):
        return f"a library speaks: {err[:80]!r}"
    if code == 0 and err.strip():
        return f"stderr of a success: {err[:80]!r}"
    if _CONTROL.search(out) or _CONTROL.search(err):
        return "control characters on the terminal"
    if code == 2 and error is None:
        return "a refusal without a word"
    return _unhelpful(error) if error is not None else ""


def _unhelpful(error: WorkbenchError) -> str:
    """Return which part a refusal lacks: place, what is wrong, or what to do."""
    for problem in error.problems:
        words = problem.what.text()
        if not problem.place.text().strip():
            return f"no place: {problem.reason} {words[:60]!r}"
        if not words.strip():
            return f"no words: {problem.reason}"
        if problem.fix is None or not problem.fix.text().strip():
            return f"no advice: {problem.reason} {problem.what.source[:60]!r}"
    return ""


def _last_place(crash: str) -> str:
    """Return the error of a traceback and the last line of the workbench in it."""
    places = re.findall(r'workbench/([\w/]+\.py)", line \d+, in (\w+)', crash)
    last = crash.strip().splitlines()[-1][:100] if crash else ""
    return f"{last.split(':')[0]} in {'/'.join(places[-1]) if places else '?'}: {last}"


def _told(error: WorkbenchError | None, heard: list[str]) -> str:
    return error.text(limit=3)[:600] if error is not None else heard[1][:600]


# -- the surroundings ---------------------------------------------------------------------------


def _seen(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of every file, links and folders among them."""
    found = {}
    for path in folder.rglob("*"):
        state = path.lstat()
        found[path.relative_to(folder).as_posix()] = (
            (0, 0) if path.is_dir() else (state.st_size, state.st_mtime_ns)
        )
    return found


def _stray(folder: Path, before: dict[str, tuple[int, int]], base: Base) -> str:
    """Return a file that was made or changed and should not have been."""
    after = _seen(folder)
    if any(name.endswith(f"/{TRACE}") for name in after):
        return "executed"
    allowed = [f"project/{name}" for name in base.writes]
    parents = {parent.as_posix() for name in allowed for parent in Path(name).parents}
    for name in sorted(set(before) | set(after)):
        if before.get(name) == after.get(name) or name.startswith("heard"):
            continue
        if name in parents or any(fnmatch.fnmatch(name, pattern) for pattern in allowed):
            continue
        return f"stray file: {'gone' if name not in after else 'made or changed'} {name}"
    return ""


@contextlib.contextmanager
def _inside(project: Path, beside: Path) -> Iterator[None]:
    """Run in the project, with a folder of its own for temporary files."""
    was = Path.cwd()
    os.chdir(project)
    with mock.patch.object(tempfile, "tempdir", str(beside)):
        try:
            yield
        finally:
            os.chdir(was)


@contextlib.contextmanager
def _heard(folder: Path) -> Iterator[list[str]]:
    """Yield what is printed, by libraries in C too, once the block has ended."""
    heard: list[str] = []
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    paths = [folder / "heard.out", folder / "heard.err"]
    streams = [path.open("w", encoding="utf-8", errors="surrogateescape") for path in paths]
    try:
        for number, stream in enumerate(streams, start=1):
            os.dup2(stream.fileno(), number)
        outs = [open(n, "w", encoding="utf-8", closefd=False, buffering=1) for n in (1, 2)]  # noqa: SIM115
        with (
            warnings.catch_warnings(),
            mock.patch.object(sys, "stdout", outs[0]),
            mock.patch.object(sys, "stderr", outs[1]),
        ):
            warnings.simplefilter("always")
            warnings.showwarning = _shown
            for kind in (
                DeprecationWarning,
                PendingDeprecationWarning,
                ImportWarning,
                ResourceWarning,
            ):
                warnings.simplefilter("ignore", kind)
            yield heard
            for out in outs:
                out.flush()
    finally:
        for number, descriptor in enumerate(kept, start=1):
            os.dup2(descriptor, number)
            os.close(descriptor)
        for stream in streams:
            stream.close()
    heard += [path.read_text(encoding="utf-8", errors="replace") for path in paths]


def _shown(message: object, kind: type, *_: object) -> None:
    """Print a warning as Python does, also where a test runner would collect it."""
    print(f"{kind.__name__}: {message}", file=sys.stderr)


def _forget_peak() -> None:
    """Have the system count the peak of memory anew."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """Return the most memory that was held since, in bytes."""
    try:
        status = Path("/proc/self/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024  # type: ignore[index]
    except (OSError, TypeError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def run_case(
    reader: Reader, kind: str, draw: random.Random, ready: Callable[[], object] = lambda: None
) -> Outcome:
    """Make, read and judge one case, and leave nothing behind."""
    faulty = make_faulty(reader, kind, draw)
    folder = Path(tempfile.mkdtemp(prefix="fuzz-")).resolve()
    try:
        return judge(reader, faulty, folder, ready)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
