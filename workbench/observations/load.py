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
from workbench.observations.disclosure import suppressed
from workbench.observations.mapping import COLUMNS, SAID, Mapper
from workbench.observations.model import DataWarning, Observations
from workbench.observations.respondents import Survey, SurveyReader
from workbench.observations.surveyed import SURVEYED, Deriver
from workbench.observations.tables import read_table
from workbench.observations.units import read_units
from workbench.specs.study import StudySpec
from workbench.specs.yaml import Document

NO_ROWS = pd.DataFrame(columns=[*COLUMNS, "text"])


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
    names = _by_name(units)
    frames = list(_tables(root, study, instrument, names, problems, document))
    surveys = list(_surveys(root, study, (known_units, names), problems, document))
    derived = _derived(surveys, study.privacy.threshold) if not problems else []
    frames += [d[0] for d in derived]
    rows = _stacked(frames)
    said = (rows["text"] != "").to_numpy(dtype=bool)
    texts, frame = rows.loc[said].reset_index(drop=True), rows
    if said.any():
        frame = rows.loc[~said].reset_index(drop=True)
    checker = RowChecker(instrument, study, known_units)
    problems.extend(checker.check_texts(texts) if len(texts) else ())
    problems.extend(checker.check(frame) if len(frame) else ())
    if not len(frame) and not problems:
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
    texts = texts.loc[texts["column"].isin(study.privacy.texts)].reset_index(drop=True)
    frame = frame[list(COLUMNS)].copy()
    for key, order in (("wave", waves), ("unit", tuple(units.index))):
        frame[key] = pd.Categorical(frame[key], categories=order)
    for key in ("stage", "rater", "code", "state"):
        frame[key] = frame[key].astype("category")
    frame["compare_only"] = frame["compare_only"].astype(bool)
    found = Observations(
        instrument,
        units,
        waves,
        wave_facts,
        frame,
        texts=texts[list(SAID)],
        surveys=tuple(survey for _, survey in surveys),
        surveyed=_together([d[1] for d in derived]),
        unlisted_elements=study.unlisted_elements,
    )
    told = [warning for d in derived for warning in d[2]]
    return replace(found, warnings=(*tally_warnings(found), *told))


def _derived(
    surveys: list[tuple[int, Survey]], threshold: int
) -> list[tuple[pd.DataFrame, pd.DataFrame, list[DataWarning]]]:
    """Return what each survey gives, without what would tell of few people."""
    hidden = suppressed(surveys, threshold)
    return [Deriver(s, table, threshold, hidden).derive() for table, s in surveys]


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all tables; those of a single one are not copied."""
    if len(frames) == 1:
        return frames[0].reset_index(drop=True)
    return pd.concat(frames, ignore_index=True) if frames else NO_ROWS


def _together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return what the observations of all surveys rest on."""
    if not frames:
        return pd.DataFrame(columns=list(SURVEYED))
    return pd.concat(frames, ignore_index=True)


def _by_name(units: pd.DataFrame) -> dict[str, str | None]:
    """Return the code of each unit by its name; None for a name of two units."""
    names: dict[str, str | None] = {}
    for code, name in zip(units.index, units["name"], strict=True):
        key = str(name).casefold()
        names[key] = None if key in names else str(code)
    return names


def _tables(
    root: Path,
    study: StudySpec,
    instrument: Instrument,
    names: dict[str, str | None],
    problems: list[Problem],
    document: Document,
) -> Iterable[pd.DataFrame]:
    """Yield the tidy rows of each table, with the file they came from."""
    for index, spec in enumerate(study.observations):
        try:
            table = read_table(root, spec)
        except WorkbenchError as error:
            problems.extend(error.problems)
            continue
        if not spec.tells_wave and len(study.waves) > 1:
            problems.append(_which_wave("observations", index, document))
            continue
        mapper = Mapper(instrument, spec, table, names, study.privacy.texts)
        rows = mapper.tidy()
        problems.extend(mapper.problems)
        if not spec.tells_wave:
            rows["wave"] = study.waves[0].id
        rows["file"], rows["sheet"], rows["table"] = spec.file, table.sheet, index
        if not rows.empty:
            yield rows


def _surveys(
    root: Path,
    study: StudySpec,
    units: tuple[set[str] | None, dict[str, str | None]],
    problems: list[Problem],
    document: Document,
) -> Iterable[tuple[int, Survey]]:
    """Yield the tables of respondents that could be read, with their number in the study."""
    waves = tuple(wave.id for wave in study.waves)
    for index, spec in enumerate(study.respondents):
        if spec.wave is None and len(study.waves) > 1:
            problems.append(_which_wave("respondents", index, document))
            continue
        try:
            table = read_table(root, spec)
        except WorkbenchError as error:
            problems.extend(error.problems)
            continue
        reader = SurveyReader(spec, table, *units, waves)
        survey = reader.read()
        problems.extend(reader.problems)
        if survey is not None:
            yield index, survey


def _which_wave(section: str, index: int, document: Document) -> Problem:
    """Return the problem of a table that does not say of which of several waves it is."""
    what = Message("the study has several waves, and this table does not say which it is")
    fix = Message("Add wave: to {section}[{n}].", section=section, n=index)
    return Problem(Reason.WAVE_UNKNOWN, what, document.place((section, index)), fix=fix)
