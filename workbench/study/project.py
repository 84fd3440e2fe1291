"""The project folder: where studies, instruments, notebooks and data are found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from workbench.errors import (
    DataError,
    InstrumentError,
    Place,
    Problem,
    Reason,
    did_you_mean,
    shorten,
)
from workbench.language import Message
from workbench.observations.tables import locate
from workbench.specs.yaml import is_file, missing_file

INSTRUMENTS = Path("data/instruments")


def shipped_files() -> Path:
    """Return the folder with the instruments, cases, notebooks and studies that are shipped.

    An installed package carries them inside itself; a clone has them beside the package.
    """
    inside = Path(__file__).parents[1] / "project"
    return inside if inside.is_dir() else Path(__file__).parents[2]


def find_study(path: str | Path) -> tuple[Path, Path]:
    """Return the study file and its project folder.

    A relative path is tried from the working directory and then from each folder above it, because
    papermill, JupyterLab and a terminal start in different ones. A study inside ``params/``, or a
    folder of it, belongs to the folder above; any other one to its own folder.

    Parameters
    ----------
    path : str or Path
        Path of the study's YAML file.

    Raises
    ------
    DataError
        If it is not found in any of them.
    """
    wanted = Path(path)
    folders = [Path()] if wanted.is_absolute() else [Path.cwd(), *Path.cwd().parents]
    for folder in folders:
        found = (folder / wanted) if not wanted.is_absolute() else wanted
        if is_file(found):
            found = found.resolve()
            inside = next((p.parent for p in found.parents if p.name == "params"), found.parent)
            return found, inside
    studies = (
        sorted(str(p) for p in Path("params").glob("*.yml")) if Path("params").is_dir() else []
    )
    fix = did_you_mean(str(path), studies) if studies else Message("Give the path of a study file.")
    what = Message("no such study")
    raise DataError(
        Problem(Reason.PROJECT_MISSING, what, Place(shorten(str(path)) or "STUDY"), fix=fix)
    )


def find_instrument(name: str, root: Path, place: Place | None = None) -> tuple[Path, str]:
    """Return the file of an instrument and how to call it.

    Parameters
    ----------
    name : str
        Id of an instrument in ``data/instruments`` of the project, else of those shipped; or a
        path.
    root : Path
        Project folder.
    place : Place, optional
        Where the name was written, for the error.

    Raises
    ------
    InstrumentError
        If there is none; the nearest id is named.
    """
    if "/" in name or name.endswith((".yml", ".yaml")):
        if place is not None and not is_file(root / name):
            problem = replace(missing_file(root / name, place), got=name)
            raise InstrumentError(problem)
        return root / name, name
    folders = [root / INSTRUMENTS, shipped_files() / INSTRUMENTS]
    for folder in folders:
        path = folder / f"{name}.yml"
        if is_file(path):
            return path, str(INSTRUMENTS / f"{name}.yml")
    known = sorted({p.stem for folder in folders if folder.is_dir() for p in folder.glob("*.yml")})
    what = Message("there is no instrument {name}", name=shorten(name))
    problem = Problem(
        Reason.INSTRUMENT_UNKNOWN,
        what,
        place or Place(str(INSTRUMENTS)),
        fix=did_you_mean(name, known),
    )
    raise InstrumentError(problem)


def find_source(name: str, root: Path) -> Path | None:
    """Return where a file lies that a study reads, None if it is nowhere.

    Parameters
    ----------
    name : str
        Path as the study names it, from the project folder; an instrument may be one of those
        shipped, and a table one of the reference data.
    root : Path
        Project folder.
    """
    places = [locate(root, name)]
    if Path(name).parent == INSTRUMENTS:
        places.append(shipped_files() / name)
    return next((path for path in places if is_file(path)), None)


def list_instruments(root: Path) -> list[Path]:
    """Return the files of all instruments: those of the project, then those shipped beside them."""
    found: dict[str, Path] = {}
    for folder in (root / INSTRUMENTS, shipped_files() / INSTRUMENTS):
        if folder.is_dir():
            for path in sorted(folder.glob("*.yml")):
                found.setdefault(path.stem, path)
    return list(found.values())
