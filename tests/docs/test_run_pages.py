"""Every command, file and piece of Python of the tutorial and the how-to pages, run as shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, Block, Session, agrees, blocks, commands

RUN = {"console", "python", "pycon", "yaml", "csv", "text"}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_what_a_page_shows_is_what_comes(page: Path, tmp_path: Path) -> None:
    reader = Session.fresh(tmp_path)
    for block in blocks(page):
        reader.run(block)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_what_is_not_run_here_is_run_elsewhere(page: Path) -> None:
    for block in blocks(page):
        assert block.language in RUN, f"{page.name}, line {block.line}: {block.language!r}"
        if block.language == "text":
            assert block.run_in, f"{page.name}, line {block.line}: where is it run?"
            assert (ROOT / block.run_in).is_file(), block.run_in


def test_commands_and_what_they_print() -> None:
    text = "$ one \\\n    more\nout\n\nend\n$ two\n"
    assert list(commands(text)) == [("one \\\n    more", "out\n\nend"), ("two", "")]


@pytest.mark.parametrize(
    ("shown", "came", "same"),
    [
        ("a\n", "a\n", True),
        ("a\n", "b\n", False),
        ("", "a\n", False),
        ("in … s\n", "in 3.2 s\n", True),
        ("in … s\n", "in 3.2 h\n", False),
        ("a\n…\nz\n", "a\nb\nc\nz\n", True),
        ("a\n…\nz\n", "a\nz\n", True),
        ("a\n…\nz\n", "a\nb\n", False),
        ("a  b\n", "a b  \n", True),
        ("a.b\n", "axb\n", False),
    ],
)
def test_an_output_is_as_shown(shown: str, came: str, same: bool) -> None:
    assert agrees(shown, came) is same


def test_a_wrong_output_and_a_silent_failure_are_found(tmp_path: Path) -> None:
    reader = Session(tmp_path)
    with pytest.raises(AssertionError, match="echo no"):
        reader.run(Block("console", "$ echo no\nyes\n", 1))
    with pytest.raises(AssertionError, match="no exit code is shown"):
        reader.run(Block("console", "$ (exit 2)\n", 1))
    reader.code = 0
    reader.run(Block("console", "$ (exit 2)\n$ echo $?\n2\n", 1))
    reader.run(Block("pycon", ">>> 1 + 1\n2\n", 1))
    with pytest.raises(AssertionError):
        reader.run(Block("pycon", ">>> 1 + 1\n3\n", 1))
    reader.run(Block("console", "$ mkdir -p a && cd a\n$ pwd\n…/a\n", 1))
    reader.run(Block("console", "$ export WORD=kept\n$ echo $WORD\nkept\n", 1))
