"""Pages of the documentation as scripts: their files, commands and Python, run in their order.

A page is a document in Markdown whose fenced blocks are run:

- a line that holds nothing but `` `a/path.csv` `` names the file that the next block is written to;
- ``console``: after ``$`` a command, below it what it prints, both streams. A line ``…`` stands for
  any lines, a ``…`` in a line for anything in it. A command that fails must be followed by
  ``$ echo $?`` with its exit code;
- ``python`` is run, all blocks of a page in one namespace; ``pycon`` is run as a doctest;
- ``yaml`` without a file is a part of a study or a roadmap, and is read as one;
- ``text`` is shown, and not run. A comment ``<!-- run in PATH -->`` above says where it is;
- ``<!-- before: COMMAND -->`` is run where it stands: what a reader of the page has already.
"""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# Others, such as decisions and the list of methods, hold nothing that a reader runs.
PAGES = [
    *sorted(DOCS.glob("tutorial*.md")),
    *sorted((DOCS / "how-to").glob("*.md")),
    *(DOCS / f"{name}.md" for name in ("cluster", "for-reviewers", "write-your-own-instrument")),
]
NAMED = re.compile(r"^`([\w./-]+\.\w+)`$")
BEFORE = re.compile(r"<!-- before: (.+) -->")
RUN_IN = re.compile(r"<!-- run in ([\w/.]+) -->")
ANYTHING = "…"


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    text: str
    line: int
    file: str | None = None
    run_in: str | None = None


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page, wherever they stand."""
    file = run_in = None
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
        if token.type == "inline":
            found = NAMED.match(token.content)
            file = found[1] if found else None
        elif token.type == "html_block":
            found = RUN_IN.search(token.content)
            run_in = found[1] if found else None
            if before := BEFORE.search(token.content):
                yield Block(
                    "console", f"$ {before[1]}\n{ANYTHING}\n", token.map[0] if token.map else 0
                )
        elif token.type == "fence" and not token.info.startswith("{"):
            line = token.map[0] + 1 if token.map else 0
            yield Block(token.info.strip(), token.content, line, file, run_in)
            file = run_in = None


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block with the output shown below it."""
    command: list[str] = []
    output: list[str] = []
    goes_on = False
    for line in text.splitlines():
        if goes_on or line.startswith("$ "):
            if not goes_on and command:
                yield "\n".join(command), "\n".join(output)
                command, output = [], []
            command.append(line if goes_on else line[2:])
            goes_on = line.endswith("\\")
        else:
            output.append(line)
    yield "\n".join(command), "\n".join(output)


def agrees(shown: str, came: str) -> bool:
    """Return whether an output is as shown, where ``…`` stands for anything."""
    pattern = ""
    for line in shown.strip("\n").splitlines():
        if line.strip() == ANYTHING:
            pattern += r"(?:.*\n)*?"
        else:
            parts = [re.escape(p) for p in " ".join(line.split()).split(ANYTHING)]
            pattern += ".*".join(parts) + r"\n"
    lines = [" ".join(line.split()) for line in came.splitlines()]
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)) is not None


@dataclass
class Session:
    """A reader at work in a folder: a shell that remembers where it is, and a Python that goes on."""

    folder: Path
    code: int = 0
    variables: dict[str, str] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def fresh(cls, folder: Path) -> Session:
        """Return a reader in a folder with what a clone holds that pages name."""
        for name in ("data", "params", "notebooks"):
            shutil.copytree(ROOT / name, folder / name)
        (folder / "outputs").mkdir()
        return cls(folder)

    def run(self, block: Block) -> None:
        """Do what a block says, and compare with what it shows."""
        if block.file is not None:
            path = self.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            for command, shown in commands(block.text):
                self.shell(command, shown, block.line)
            assert self.code == 0, f"line {block.line}: it failed, and no exit code is shown"
        elif block.language == "python":
            self.python(block)
        elif block.language == "pycon":
            self.doctest(block)

    def shell(self, command: str, shown: str, line: int) -> None:
        """Run a command as a reader would, and compare its output."""
        asks_code = command == "echo $?"
        assert asks_code or self.code == 0, f"line {line}: exit code {self.code} before: {command}"
        with tempfile.NamedTemporaryFile() as after:
            script = f"(exit {self.code})\n{command}\ncode=$?\nenv -0 > {after.name}\nexit $code"
            done = subprocess.run(
                ["bash", "-c", script],
                cwd=self.folder, text=True, encoding="utf-8", check=False, env=self.environment(),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip
            pairs = after.read().decode("utf-8").split("\0")
        self.variables = dict(pair.split("=", 1) for pair in pairs if pair)
        self.folder = Path(self.variables.get("PWD", self.folder))
        self.code = done.returncode
        assert agrees(shown, done.stdout), f"line {line}: $ {command}\n{done.stdout}"

    def environment(self) -> dict[str, str]:
        """Return the environment of a reader whose ``.venv/bin`` is on the path."""
        if self.variables:
            return self.variables
        here = [str(ROOT), os.environ.get("PYTHONPATH", "")]
        return {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join(p for p in here if p),
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
        }

    def python(self, block: Block) -> None:
        """Run Python as a notebook in the folder would."""
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            exec(compile(block.text, f"line {block.line}", "exec"), self.names)
        finally:
            os.chdir(before)

    def doctest(self, block: Block) -> None:
        """Run a session at the prompt, and compare what it prints."""
        text = block.text.replace(ANYTHING, "...")
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        test = doctest.DocTestParser().get_doctest(text, self.names, "page", None, block.line)
        lines: list[str] = []
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            runner = doctest.DocTestRunner(optionflags=flags)
            failed, _ = runner.run(test, out=lines.append, clear_globs=False)
        finally:
            os.chdir(before)
        self.names.update(test.globs)
        assert failed == 0, "".join(lines)
