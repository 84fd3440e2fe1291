"""A share of the faulty inputs, and that what must be found is found; ``make fuzz`` runs them all."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import drive as driving
from tests.fuzz.bases import CHECK, Base, made
from tests.fuzz.case import Faulty, judge, run_case
from tests.fuzz.drive import cells, draw_of, drive, plan_cases
from tests.fuzz.faults import KINDS
from tests.fuzz.readers import READERS, Reader, bases_of
from workbench.errors import Problem, Reason, WorkbenchError
from workbench.language import Message

# Inputs of this kind are large: `make fuzz` has the limits and the time for them.
SHARE = [(reader, kind) for reader, kind in cells() if kind != "size"]
FEW = settings(
    max_examples=150, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


@FEW
@given(st.sampled_from(SHARE), st.integers(0, 2**32))
def test_faulty_input_is_read_or_refused_with_place_and_advice(
    cell: tuple[Reader, str], number: int
) -> None:
    reader, kind = cell
    outcome = run_case(reader, kind, draw_of(0, (reader.name, kind, number)))
    assert outcome.verdict != "found", f"{outcome.what}\n{outcome.how}\n{outcome.detail}"


def test_every_reader_has_every_kind_of_fault() -> None:
    lacking = {(r.name, kind) for r in READERS for kind in KINDS} - {
        (r.name, k) for r, k in cells()
    }
    assert lacking == set()
    assert len({case[:2] for case in plan_cases(len(cells()))}) == len(READERS) * len(KINDS)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_good_input_is_read(reader: Reader, tmp_path: Path) -> None:
    """Else a fault would be refused for what was wrong before."""
    for number, base in enumerate(bases_of(reader)):
        good = Faulty(base, base.files[base.target], "")
        outcome = judge(reader, good, tmp_path / str(number))
        assert (outcome.verdict, outcome.detail) == ("ok", "")


def hang(folder: Path) -> None:
    while True:
        pass


def die(folder: Path) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fill_memory(folder: Path) -> None:
    bytearray(driving.MOST_DATA * 2)


def leave_a_file(folder: Path) -> None:
    (folder / "beside.txt").write_text("x", encoding="utf-8")


def fail(folder: Path) -> None:
    raise KeyError("agua")


def warn(folder: Path) -> None:
    warnings.warn("of a library", UserWarning, stacklevel=1)


def refuse_without_a_place(folder: Path) -> None:
    raise WorkbenchError(Problem(Reason.RUN, Message("something is wrong")))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (hang, "hang"),
        (die, "the process died: -9"),
        (fill_memory, "MemoryError"),
        (leave_a_file, "stray file: made or changed project/beside.txt"),
        (fail, "bug: KeyError"),
        (warn, "a library speaks"),
        (refuse_without_a_place, "no place"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_must_be_found_is_found(
    monkeypatch: pytest.MonkeyPatch, call: Callable[[Path], None], words: str
) -> None:
    monkeypatch.setattr(driving, "MOST_SECONDS", 0.3)
    planted = Reader("planted", ("text",), lambda: [Base(made(), CHECK, ())], call)
    [(_, outcome)] = drive([("planted", "structure", 0)], [planted], seed=0, workers=1)
    assert outcome.verdict == "found"
    assert words in outcome.what
