"""A press: PDFs compiled in a process of its own, replaced when it is worn or has died."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import ReportError
from workbench.language import as_locale
from workbench.reports.compiling import RefusedError
from workbench.reports.pdf import typeset
from workbench.runs.press import Press, PressDiedError

SPANISH = as_locale("es-MX")
BLOCKS: list[dict[str, Any]] = [
    {"kind": "heading", "level": 1, "text": "Añisok"},
    {"kind": "paragraph", "style": "", "text": [{"text": "Una frase."}]},
]


@pytest.fixture
def started() -> list[int]:
    return []


@pytest.fixture
def press(started: list[int]) -> Iterator[Press]:
    made = Press(started.append)
    yield made
    made.end()


def test_a_press_makes_what_this_process_makes(press: Press, started: list[int]) -> None:
    apart = [typeset(BLOCKS, SPANISH, "Añisok", press.compiled) for _ in range(2)]
    assert apart == [typeset(BLOCKS, SPANISH, "Añisok")] * 2
    assert press.processes == started
    assert len(started) == 1


def test_what_the_compiler_refuses_is_said_and_the_press_goes_on(
    press: Press, started: list[int], tmp_path: Path
) -> None:
    (tmp_path / "report.typ").write_text("#none-such")
    with pytest.raises(RefusedError, match="unknown variable"):
        press.compiled(tmp_path, [])
    bad = [{"kind": "paragraph", "style": "", "text": 1}]
    with pytest.raises(ReportError, match="the PDF could not be made"):
        typeset([*BLOCKS, *bad], SPANISH, "Añisok", press.compiled)
    assert typeset(BLOCKS, SPANISH, "Añisok", press.compiled)[:5] == b"%PDF-"
    assert len(started) == 1


def test_a_press_that_died_is_told_and_replaced(press: Press, started: list[int]) -> None:
    whole = typeset(BLOCKS, SPANISH, "Añisok", press.compiled)
    os.kill(started[0], signal.SIGSEGV)
    with pytest.raises(PressDiedError, match="SIGSEGV") as caught:
        typeset(BLOCKS, SPANISH, "Añisok", press.compiled)
    assert caught.value.signal == "SIGSEGV"
    assert typeset(BLOCKS, SPANISH, "Añisok", press.compiled) == whole
    assert len(started) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="memory of a process can be told on Linux")
def test_a_worn_press_is_replaced(started: list[int]) -> None:
    press = Press(started.append, worn=1)
    first, second = (typeset(BLOCKS, SPANISH, "Añisok", press.compiled) for _ in range(2))
    assert first == second
    assert len(set(started)) == 2
    assert press.processes == []
