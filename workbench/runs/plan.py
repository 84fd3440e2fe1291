"""The plan of a run: what would be rendered, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from workbench.errors import DataError, Place, Problem, Reason, WorkbenchError, did_you_mean
from workbench.language import Message
from workbench.observations.tables import locate
from workbench.runs.frozen import FrozenViews
from workbench.runs.hashing import code_sha256, sha256_of_file, sha256_of_json
from workbench.runs.ledger import Entry, is_current, read_ledger
from workbench.runs.parameters import check_parameters, read_notebook
from workbench.specs.yaml import is_file, missing_file
from workbench.study import Study
from workbench.study.views import CohortView, UnitView

FORMATS = ("ipynb", "html", "pdf")
COHORT = "cohort"


@dataclass(frozen=True, slots=True)
class Job:
    """One report to render: everything that a worker needs, as plain values.

    Parameters
    ----------
    key : str
        Code of the unit, or ``cohort``.
    kind : {"unit", "cohort"}
    title : str
        What people call it.
    notebook : str
        Path of the notebook from the project folder.
    parameters : dict
        Values injected into the notebook.
    formats : tuple of str
    fingerprint : str
        Hash of view, notebook, code, language and formats.
    view_sha256 : str
    why : str
        Why it must be rendered; empty if it is current.
    kept : dict of str to str
        Files of formats not asked for that are current and stay: SHA-256 by path in the run.
    stale : tuple of str
        Formats not asked for whose files say something else by now: they are removed.
    """

    key: str
    kind: Literal["unit", "cohort"]
    title: str
    notebook: str
    parameters: dict[str, Any]
    formats: tuple[str, ...]
    fingerprint: str
    view_sha256: str
    why: str
    kept: dict[str, str] = field(default_factory=dict)
    stale: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Folder of the report inside the run."""
        return f"reports/{self.key}"

    def files(self) -> list[str]:
        """Return the paths of the report's files inside the run."""
        return [f"{self.folder}/report.{form}" for form in self.formats]


@dataclass(frozen=True)
class Plan:
    """The reports of a run.

    Parameters
    ----------
    study : Study
    run : Path
        Run folder.
    run_id : str
    jobs : tuple of Job
    views : FrozenViews
        By key of the job.
    """

    study: Study
    run: Path
    run_id: str
    jobs: tuple[Job, ...]
    views: FrozenViews
    inputs: dict[str, str]

    @property
    def waiting(self) -> tuple[Job, ...]:
        """Jobs that must be rendered."""
        return tuple(job for job in self.jobs if job.why)


def run_folder(study: Study, out: Path | None = None) -> Path:
    """Return the folder of a run: ``outputs/STUDY``, with the language if not the study's own."""
    if out is not None:
        return out
    name = study.spec.id
    if study.locale.tag != study.spec.locale:
        name += f".{study.locale.tag}"
    return study.root / "outputs" / name


def parse_formats(formats: str | Iterable[str]) -> tuple[str, ...]:
    """Return formats in their fixed order; the notebook is always kept.

    Raises
    ------
    WorkbenchError
        If one is unknown.
    """
    wanted = [f.strip() for f in (formats.split(",") if isinstance(formats, str) else formats)]
    for name in wanted:
        if name not in FORMATS:
            what = Message("unknown format")
            problem = Problem(
                Reason.PARAMETER_VALUE,
                what,
                Place("--formats"),
                got=name,
                fix=did_you_mean(name, FORMATS),
            )
            raise WorkbenchError(problem)
    return tuple(f for f in FORMATS if f in wanted or f == "ipynb")


def input_files(study: Study, *, earlier: bool = True) -> dict[str, str]:
    """Return the hash of every file that a study reads, by its path in the project.

    Those of the earlier studies that stand beside it are among them; what these name in turn is not
    read.
    """
    spec = study.spec
    names = [spec.units.file, *spec.units.more]
    names += [table.file for table in (*spec.observations, *spec.respondents)]
    names += [spec.roadmap] if spec.roadmap else []
    programme = spec.comparisons.programme
    names += [programme.listed.file] if programme and programme.listed else []
    found = {str(study.path.relative_to(study.root)): sha256_of_file(study.path)}
    found[study.instrument.name] = study.instrument.sha256
    there = {name: locate(study.root, name) for name in names}
    absent = [missing_file(p, Place(name)) for name, p in there.items() if not is_file(p)]
    if absent:
        raise DataError(absent)
    for name, path in there.items():
        found.setdefault(name, sha256_of_file(path))
    for other in study.earlier if earlier else ():
        found |= input_files(other, earlier=False)
    return dict(sorted(found.items()))


def make_run_id(study: Study, inputs: dict[str, str]) -> str:
    """Return the id of a run: a hash of inputs and choices, known before anything is rendered."""
    lock = study.root / "requirements.lock"
    content = {
        "inputs": inputs,
        "locale": study.locale.tag,
        "notebooks": _notebook_hashes(study),
        "code": code_sha256(),
        "lock": sha256_of_file(lock) if lock.is_file() else None,
    }
    return sha256_of_json(content)[:16]


def _notebook_hashes(study: Study) -> dict[str, str]:
    """Return the hash of each notebook of a study; a missing one is an error."""
    found = {}
    for name in (study.spec.notebooks.unit, study.spec.notebooks.cohort):
        if name is None:
            continue
        path = study.root / name
        if not path.is_file():
            raise WorkbenchError(missing_file(path, Place(name)))
        found[name] = sha256_of_file(path)
    return found


def make_plan(
    study: Study,
    *,
    units: Iterable[str] | None = None,
    formats: tuple[str, ...] = FORMATS,
    out: Path | None = None,
    force: bool = False,
    parameters: Mapping[str, str] | None = None,
) -> Plan:
    """Plan a run.

    Parameters
    ----------
    study : Study
    units : iterable of str, optional
        Codes of the units to render; all of them and the cohort by default. Scores and places are
        those of the whole study either way.
    formats : tuple of str
    out : Path, optional
        Run folder.
    force : bool
        Whether to render what is current too.
    parameters : mapping, optional
        Further parameters of the notebooks, as text.

    Returns
    -------
    Plan

    Raises
    ------
    WorkbenchError
        If a unit is unknown or a notebook is missing.
    """
    run = run_folder(study, out)
    inputs = input_files(study)
    study.run_id = make_run_id(study, inputs)
    notebooks = _notebook_hashes(study)
    chosen = study.observed_units() if units is None else [study.unit_code(u) for u in units]
    ledger = read_ledger(run)
    jobs: list[Job] = []
    views = FrozenViews()
    spec = study.spec
    shown = str(study.path.relative_to(study.root))

    extra = dict(parameters or {})
    for name in notebooks:
        _check_notebook(study.root, name, extra)

    def add(
        view: UnitView | CohortView,
        key: str,
        kind: Literal["unit", "cohort"],
        title: str,
        notebook: str,
    ) -> None:
        shown_sha256 = views.add(key, view)
        parameters: dict[str, Any] = {"study": shown, "locale": study.locale.tag, **extra}
        if kind == "unit":
            parameters["unit"] = key
        parts = [shown_sha256, notebooks[notebook], code_sha256(), parameters]
        job = Job(
            key,
            kind,
            title,
            notebook,
            parameters,
            formats,
            sha256_of_json(parts),
            shown_sha256,
            "",
        )
        why = "forced" if force else is_current(run, ledger.get(key), job.fingerprint, job.files())
        jobs.append(_with_others(replace(job, why=why), run, ledger.get(key)))

    if spec.notebooks.unit is not None:
        for unit in chosen:
            view = study.view(unit)
            add(view, unit, "unit", view.name, spec.notebooks.unit)
    if spec.notebooks.cohort is not None and units is None and len(study.observed_units()) > 1:
        add(study.cohort_view(), COHORT, "cohort", COHORT, spec.notebooks.cohort)
    return Plan(study, run, study.run_id, tuple(jobs), views, inputs)


def _check_notebook(root: Path, name: str, extra: Mapping[str, str]) -> None:
    """Raise if a notebook lacks a parameter that it will be given."""
    notebook = read_notebook(root / name, name)
    own = {"study": "", "locale": ""}
    check_parameters(notebook, name, {**own, **extra})


def _with_others(job: Job, run: Path, entry: Entry | None) -> Job:
    """Return a job that knows what becomes of the files of formats it was not asked for.

    An old PDF beside a new page misleads. One that says the same as the page stays.
    """
    if not job.why:
        return job
    kept: dict[str, str] = {}
    stale = []
    for form in FORMATS:
        path = f"{job.folder}/report.{form}"
        if form in job.formats or not (run / path).is_file():
            continue
        if is_current(run, entry, job.fingerprint, [path]) == "" and entry is not None:
            kept[path] = entry.files[path]
        else:
            stale.append(form)
    why = f"{job.why}; removes stale {', '.join(stale)}" if stale else job.why
    return replace(job, why=why, kept=kept, stale=tuple(stale))
