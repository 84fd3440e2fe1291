"""Making a project folder with an example that runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.study.project import shipped_files

EXAMPLE = "gdm-ejemplo"
INSTRUMENT = "gdm-2025-2027"
SCHEMAS = Path(__file__).parents[1] / "specs" / "schemas"
_IGNORE = "outputs/*\n!outputs/README.md\n.ipynb_checkpoints/\n"
_OUTPUTS = "# Outputs\n\nRuns are written here, one folder a study. Open `index.html` in each.\n"


def create_project(folder: Path) -> Iterator[Path]:
    """Make a project folder and yield each path made.

    Parameters
    ----------
    folder : Path
        Must not exist, or be empty.

    Raises
    ------
    WorkbenchError
        If the folder holds anything, or can't be made.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        what = Message("the folder is not empty")
        fix = Message("Give a new folder; nothing is ever overwritten.")
        raise WorkbenchError(Problem(Reason.PROJECT_MISSING, what, Place(str(folder)), fix=fix))
    shipped = shipped_files()
    try:
        for path in (
            "params",
            "notebooks",
            "data/instruments",
            "data/cases",
            "data/schemas",
            "outputs",
        ):
            (folder / path).mkdir(parents=True, exist_ok=True)
        for schema in sorted(SCHEMAS.glob("*.json")):
            shutil.copyfile(schema, folder / "data" / "schemas" / schema.name)
        yield from _copies(shipped, folder)
        (folder / ".gitignore").write_text(_IGNORE, encoding="utf-8")
        (folder / "outputs" / "README.md").write_text(_OUTPUTS, encoding="utf-8")
    except OSError as cause:
        what = Message("the folder can't be made: {detail}", detail=cause.strerror or str(cause))
        raise WorkbenchError(Problem(Reason.FILE_NOT_WRITABLE, what, Place(str(folder)))) from cause


def _copies(shipped: Path, folder: Path) -> Iterator[Path]:
    """Copy the example with all it needs, its schema lines set to the new folder."""
    for path in sorted((shipped / "notebooks").glob("*.ipynb")):
        target = folder / "notebooks" / path.name
        shutil.copyfile(path, target)
        yield target
    case = folder / "data" / "cases" / EXAMPLE
    shutil.copytree(shipped / "data" / "cases" / EXAMPLE, case)
    for source in sorted(case.glob("*.yml")):
        _set_schema(source, source, "../../schemas")
    yield case
    for source, target, depth in (
        (
            shipped / "params" / f"{EXAMPLE}.yml",
            folder / "params" / f"{EXAMPLE}.yml",
            "../data/schemas",
        ),
        (
            shipped / "data" / "instruments" / f"{INSTRUMENT}.yml",
            folder / "data" / "instruments" / f"{INSTRUMENT}.yml",
            "../schemas",
        ),
    ):
        _set_schema(source, target, depth)
        yield target


def _set_schema(source: Path, target: Path, depth: str) -> None:
    """Copy a YAML file with the way to its schema, which its first line names, set anew."""
    first, _, rest = source.read_text(encoding="utf-8").partition("\n")
    name = first.rsplit("/", 1)[-1]
    line = f"# yaml-language-server: $schema={depth}/{name}\n"
    target.write_text(line + rest, encoding="utf-8")
