"""Forms found for the command line: the instrument by its id, the units by a table or a study."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from workbench.errors import DataError, Place, Problem, Reason
from workbench.forms import CaptureOptions, Ingested, ingest, write_forms
from workbench.forms.respondents import read_respondents
from workbench.instruments import Instrument, load_instrument
from workbench.language import Message
from workbench.observations.units import read_units
from workbench.study.facade import Study
from workbench.study.project import find_instrument

STUDIES = (".yml", ".yaml")


def capture(name: str, sources: Iterable[str], out: Path, options: CaptureOptions) -> list[Path]:
    """Write forms to fill in, and return the files written.

    Parameters
    ----------
    name : str
        Id of an instrument, or its path.
    sources : iterable of str
        Tables of units, and studies, which give theirs; a blank form without any.
    out : Path
    options : CaptureOptions
        A study also gives language and year, where they are left out.
    """
    instrument = open_instrument(name)
    frames: list[pd.DataFrame] = []
    for source in sources:
        if source.endswith(STUDIES):
            units, options = _of_study(source, instrument, options)
        else:
            units = read_respondents(Path(source), instrument)
        frames.append(units)
    return write_forms(instrument, out, options, units=_joined(frames))


def ingest_files(files: Iterable[Path], name: str, out: Path, **options: object) -> Ingested:
    """Read filled-in forms of an instrument named by its id; see :func:`workbench.forms.ingest`."""
    return ingest(files, open_instrument(name), out, **options)  # type: ignore[arg-type]


def open_instrument(name: str) -> Instrument:
    """Return an instrument by its id or path."""
    path, shown = find_instrument(name, Path.cwd())
    return load_instrument(path, shown)


def _of_study(
    source: str, instrument: Instrument, options: CaptureOptions
) -> tuple[pd.DataFrame, CaptureOptions]:
    """Return the units of a study, and the options with what the study says."""
    study = Study.open(source)
    if study.instrument.id != instrument.id:
        what = Message("the study uses the instrument {name}", name=study.instrument.id)
        place = Place(source, path="instrument")
        raise DataError(Problem(Reason.INSTRUMENT_UNKNOWN, what, place, got=study.instrument.id))
    years = {wave.id: wave.year for wave in study.spec.waves}
    options = replace(
        options,
        locale=options.locale or study.spec.locale,
        year=options.year or years.get(options.wave),
    )
    return read_units(study.root, study.spec.units, study.instrument), options


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame | None:
    """Return the units of several tables, each once; None without tables."""
    if not frames:
        return None
    units = pd.concat(frames)
    return units.loc[~units.index.duplicated()]
