"""What was explored, kept as a study file that the batch runs."""

from __future__ import annotations

import os
import re
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from workbench.errors import DataError, Place, Problem, Reason
from workbench.explore.exploration import Exploration
from workbench.language import Message, marked
from workbench.specs.choices import Choices
from workbench.study import Study
from workbench.study.chosen import units_of_cohort

NAME = re.compile(r"[a-z0-9][a-z0-9_\-]{0,62}")
TITLE = marked("{title} (own choices)")
# What a study with other rules can't keep: the published results that the instrument gives.
DROPPED = ("replication",)


def save_choice(exploration: Exploration, name: str, *, overwrite: bool = False) -> Path:
    """Write what is chosen as a study beside the one that was explored.

    Parameters
    ----------
    exploration : Exploration
    name : str
        Id of the new study, and name of its file without ``.yml``.
    overwrite : bool
        Whether a file that is there is written over: only after asking.

    Returns
    -------
    Path
        The file, which ``workbench run`` takes.

    Raises
    ------
    DataError
        If the name is none, the file exists, or it can't be written. Nothing is left half written.
    """
    base = exploration.base
    target = _target(base, name, overwrite)
    text = _text(base, name, exploration.choices)
    beside = target.with_name(f".tmp-{os.getpid()}-{target.name}")
    try:
        beside.write_text(text, encoding="utf-8")
        _check(beside)
        beside.replace(target)
    except OSError as cause:
        what = Message("the file can't be written: {detail}", detail=cause.strerror or str(cause))
        raise DataError(Problem(Reason.FILE_NOT_WRITABLE, what, Place(target.name))) from cause
    finally:
        beside.unlink(missing_ok=True)
    return target


def _target(base: Study, name: str, overwrite: bool) -> Path:
    """Return the file to write."""
    if not NAME.fullmatch(name):
        what = Message("this is no name of a study")
        expected = Message("lower-case letters, digits and hyphens, as in mine-2025")
        raise DataError(Problem(Reason.PARAMETER_VALUE, what, Place("name"), name, expected))
    target = base.path.with_name(f"{name}.yml")
    if target == base.path or name == base.spec.id:
        what = Message("the study that is explored is never written over")
        fix = Message("Give the new one another name.")
        raise DataError(Problem(Reason.FILE_NOT_WRITABLE, what, Place(target.name), fix=fix))
    if target.exists() and not overwrite:
        what = Message("the file exists, and is not written over")
        fix = Message("Give another name, or say that it may be.")
        raise DataError(Problem(Reason.FILE_EXISTS, what, Place(target.name), fix=fix))
    return target


def _text(base: Study, name: str, choices: Choices) -> str:
    """Return the file of the study with another id, another title and the choices."""
    yaml = YAML()  # keeps comments and the order of the file
    yaml.width = 4096
    yaml.preserve_quotes = True
    content = yaml.load(base.path.read_text(encoding="utf-8"))
    content["id"] = name
    content["title"] = _title(content["title"], base.locale.tag)
    for key in (*DROPPED, "choices"):
        content.pop(key, None)
    chosen = choices.model_dump(mode="json", exclude_defaults=True)
    if chosen:
        content.insert(list(content).index("instrument") + 1, "choices", chosen)
    out = StringIO()
    yaml.dump(content, out)
    return out.getvalue()


def _title(title: Any, tag: str) -> Any:
    """Return a title that says that choices were made, in each of its languages."""
    if isinstance(title, str):
        return Message(TITLE, title=title).text(tag)
    return {name: Message(TITLE, title=text).text(name) for name, text in title.items()}


def _check(path: Path) -> None:
    """Read what was written as the batch will.

    Raises
    ------
    WorkbenchError
        With every mistake.
    """
    study = Study.open(path)
    _ = study.instrument
    if study.spec.choices.cohort is not None:
        units_of_cohort(study, study.spec.choices.cohort)
