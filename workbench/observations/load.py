"""Loading observations: every table mapped, every row checked, every problem shown at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from workbench.errors import DataError, Problem, Reason, WorkbenchError
from workbench.instruments import Instrument
from workbench.language import Message
from workbench.observations.checks import RowChecker, tally_warnings
from workbench.observations.declared import DeclarationChecker
from workbench.observations.mapping import COLUMNS, SAID, Mapper
from workbench.observations.model import Observations
from workbench.observations.tables import read_table
from workbench.observations.units import read_units
from workbench.specs.study import StudySpec
from workbench.specs.yaml import Document


def load_observations(
    root: Path, study: StudySpec, instrument: Instrument, *, document: Document | None = None
) -> Observations:
    """Load the units and observations of a study.

    Parameters
    ----------
    root : Path
        Project folder.
    study : StudySpec
    instrument : Instrument
    document : Document, optional
        The study's file, for the lines of what it declares.

    Returns
    -------
    Observations

    Raises
    ------
    DataError
        With one problem for every mistake in any of the files; nothing is half loaded.
    """
    problems: list[Problem] = []
    document = document or Document(study.id)
    units = pd.DataFrame({"name": []}, index=pd.Index([], name="unit", dtype=object))
    try:
        units = read_units(root, study.units, instrument)
    except WorkbenchError as error:
        problems.extend(error.problems)
    # Without a good table of units every row would fail; its own problems come first.
    known_units = None if problems and units.empty else set(units.index)
    problems.extend(DeclarationChecker(study, instrument, known_units, document).check())
    frames = list(_tables(root, study, instrument, units, problems, document))
    frame = (
        pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*COLUMNS, "text"])
    )
    said = frame["text"] != "" if not frame.empty else pd.Series(dtype=bool)
    texts, frame = frame.loc[said], frame.loc[~said].reset_index(drop=True)
    checker = RowChecker(instrument, study, known_units)
    if not texts.empty:
        problems.extend(checker.check_texts(texts.reset_index(drop=True)))
    if not frame.empty:
        problems.extend(checker.check(frame))
    elif not problems:
        what = Message("no observation was found in any table")
        fix = Message("Check which columns the study names, and what counts as missing.")
        place = document.place(("observations",))
        problems.append(Problem(Reason.NOTHING_OBSERVED, what, place, fix=fix))
    if problems:
        raise DataError(problems)
    waves = tuple(wave.id for wave in study.waves)
    wave_facts = {
        wave.id: wave.facts | ({"year": float(wave.year)} if wave.year is not None else {})
        for wave in study.waves
    }
    frame = frame[list(COLUMNS)].copy()
    for key, order in (("wave", waves), ("unit", tuple(units.index))):
        frame[key] = pd.Categorical(frame[key], categories=order)
    for key in ("stage", "rater", "code", "state"):
        frame[key] = frame[key].astype("category")
    frame["compare_only"] = frame["compare_only"].astype(bool)
    found = Observations(
        instrument, units, waves, wave_facts, frame,
        texts=texts[list(SAID)].reset_index(drop=True), unlisted_elements=study.unlisted_elements,
    )  # fmt: skip
    return replace(found, warnings=tuple(tally_warnings(found)))


def _tables(
    root: Path,
    study: StudySpec,
    instrument: Instrument,
    units: pd.DataFrame,
    problems: list[Problem],
    document: Document,
) -> Iterable[pd.DataFrame]:
    """Yield the tidy rows of each table, with the file they came from."""
    names: dict[str, str | None] = {}
    for code, name in zip(units.index, units["name"], strict=True):
        key = str(name).casefold()
        names[key] = None if key in names else str(code)
    for index, spec in enumerate(study.observations):
        try:
            table = read_table(root, spec)
        except WorkbenchError as error:
            problems.extend(error.problems)
            continue
        if not spec.tells_wave and len(study.waves) > 1:
            what = Message("the study has several waves, and this table does not say which it is")
            fix = Message("Add wave: to observations[{n}].", n=index)
            place = document.place(("observations", index))
            problems.append(Problem(Reason.WAVE_UNKNOWN, what, place, fix=fix))
            continue
        mapper = Mapper(instrument, spec, table, names)
        rows = mapper.tidy()
        problems.extend(mapper.problems)
        if not spec.tells_wave:
            rows["wave"] = study.waves[0].id
        rows["file"], rows["sheet"], rows["table"] = spec.file, table.sheet, index
        if not rows.empty:
            yield rows
