"""The plan of a run: what would be rendered, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench.errors import DataError, Place, Problem, Reason, WorkbenchError, did_you_mean
from workbench.language import Message
from workbench.observations.tables import locate
from workbench.runs.frozen import FrozenViews
from workbench.runs.hashing import code_sha256, run_id_of, sha256_of_file, sha256_of_json
from workbench.runs.ledger import FAILED_BEFORE, Entry, is_current, read_ledger
from workbench.runs.parameters import check_notebook_size, check_parameters, read_notebook
from workbench.runs.targets import COHORT, Kind, Shard, Target, all_targets, choose
from workbench.specs.yaml import is_file, missing_file
from workbench.study import Study
from workbench.study.roadmap import roadmap_files

FORMATS = ("ipynb", "html", "pdf")
LOCK = "requirements.lock"
SHORT = 16


@dataclass(frozen=True, slots=True)
class Job:
    """One report to render: everything that a worker needs, as plain values.

    Parameters
    ----------
    key : str
        Code of the unit, ``cohort``, the name of a further notebook, or ``UNIT/NAME``.
    kind : {"unit", "cohort"}
    title : str
        What people call it.
    notebook : str
        Path of the notebook from the project folder.
    parameters : dict
        Values injected into the notebook.
    formats : tuple of str
    fingerprint : str
        Hash of view, notebook, code and parameters.
    view_sha256 : str
    why : str
        Why it must be rendered; empty if it is current.
    left : bool
        Whether it is left although it must be rendered: it failed before, from the same inputs.
    kept : dict of str to str
        Files of formats not asked for that are current and stay: SHA-256 by path in the run.
    stale : tuple of str
        Formats not asked for whose files say something else by now: they are removed.
    parts : dict of str to str
        What the fingerprint is made of, as short hashes.
    notebook_title : str
        What the further notebook is called; empty for the two main ones.
    view : str
        Key of the view that the report shows.
    """

    key: str
    kind: Kind
    title: str
    notebook: str
    parameters: dict[str, Any]
    formats: tuple[str, ...]
    fingerprint: str
    view_sha256: str
    why: str
    left: bool = False
    kept: dict[str, str] = field(default_factory=dict)
    stale: tuple[str, ...] = ()
    parts: dict[str, str] = field(default_factory=dict)
    notebook_title: str = ""
    view: str = ""

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
        By code of the unit, or ``cohort``.
    inputs : dict of str to str
        Hash of each file that the study reads.
    keys : tuple of str
        Keys of everything that the study has reports of, also where less is asked for.
    formats : tuple of str
    parameters : dict of str to str
        Given to the notebooks beside those of the study.
    notebooks : dict of str to str
        Hash of each notebook that is run, by its path in the project.
    """

    study: Study
    run: Path
    run_id: str
    jobs: tuple[Job, ...]
    views: FrozenViews
    inputs: dict[str, str]
    keys: tuple[str, ...] = ()
    formats: tuple[str, ...] = FORMATS
    parameters: dict[str, str] = field(default_factory=dict)
    notebooks: dict[str, str] = field(default_factory=dict)

    @property
    def waiting(self) -> tuple[Job, ...]:
        """Jobs that will be rendered."""
        return tuple(job for job in self.jobs if job.why and not job.left)

    @property
    def left(self) -> tuple[Job, ...]:
        """Jobs that failed before and are not tried again."""
        return tuple(job for job in self.jobs if job.left)


def run_folder(study: Study, out: Path | None = None, shard: Shard | None = None) -> Path:
    """Return the folder of a run: ``outputs/STUDY``, with the language if not the study's own.

    A shard has a folder of its own, because one run writes in a folder at a time.
    """
    if out is not None:
        return out
    name = study.spec.id
    if study.locale.tag != study.spec.locale:
        name += f".{study.locale.tag}"
    if shard is not None:
        name += f".{shard.number}-of-{shard.of}"
    return study.root / "outputs" / name


def parse_formats(formats: str | Iterable[str]) -> tuple[str, ...]:
    """Return formats in their fixed order.

    Raises
    ------
    WorkbenchError
        If one is unknown, or there is none.
    """
    given = formats.split(",") if isinstance(formats, str) else formats
    wanted = [f.strip() for f in given if f.strip()]
    if not wanted:
        what = Message("no format is named")
        fix = did_you_mean("", FORMATS)
        raise WorkbenchError(
            Problem(Reason.PARAMETER_VALUE, what, Place("--formats"), got="", fix=fix)
        )
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
    return tuple(f for f in FORMATS if f in wanted)


def input_files(study: Study, *, earlier: bool = True) -> dict[str, str]:
    """Return the hash of every file that a study reads, by its path in the project.

    Those of the earlier studies that stand beside it are among them; what these name in turn is not
    read.
    """
    spec = study.spec
    found = {str(study.path.relative_to(study.root)): sha256_of_file(study.path)}
    found[study.instrument.name] = study.instrument.sha256
    names = [*spec.files, *roadmap_files(study).values()]
    there = {name: locate(study.root, name) for name in names}
    absent = [missing_file(p, Place(name)) for name, p in there.items() if not is_file(p)]
    if absent:
        raise DataError(absent)
    for name, path in there.items():
        found.setdefault(name, sha256_of_file(path))
    for other in study.earlier if earlier else ():
        found |= input_files(other, earlier=False)
    return dict(sorted(found.items()))


def make_run_id(study: Study, inputs: dict[str, str], parameters: Mapping[str, str]) -> str:
    """Return the id of a run: a hash of inputs and choices, known before anything is rendered."""
    lock = study.root / LOCK
    return run_id_of(
        inputs=inputs,
        locale=study.locale.tag,
        parameters=parameters,
        notebooks=notebook_hashes(study),
        code=code_sha256(),
        lock=sha256_of_file(lock) if lock.is_file() else None,
    )


def notebook_hashes(study: Study) -> dict[str, str]:
    """Return the hash of each notebook of a study.

    One that is missing, or that is not of the project, is an error.
    """
    found = {}
    named = study.spec.notebooks
    for name in (named.unit, named.cohort, *(more.notebook for more in named.more.values())):
        if name is None:
            continue
        path = study.root / name
        if not is_file(path):
            raise WorkbenchError(missing_file(path, Place(name)))
        # A notebook is run: one that a study fetches from elsewhere, itself or by a link, is not.
        if not path.resolve().is_relative_to(study.root.resolve()):
            what = Message("the notebook lies outside of the project, and is not run")
            fix = Message("Read it, and copy it into the project if you trust it.")
            raise WorkbenchError(Problem(Reason.RUN, what, study.place("notebooks"), name, fix=fix))
        check_notebook_size(path, name)
        found[name] = sha256_of_file(path)
    return found


def make_plan(
    study: Study,
    *,
    units: Iterable[str] | None = None,
    only: Iterable[str] | None = None,
    shard: Shard | None = None,
    formats: tuple[str, ...] = FORMATS,
    out: Path | None = None,
    force: bool = False,
    retry_failed: bool = False,
    parameters: Mapping[str, str] | None = None,
) -> Plan:
    """Plan a run.

    Parameters
    ----------
    study : Study
    units : iterable of str, optional
        Codes of the units to render; all of them and the cohort by default. Scores and places are
        those of the whole study either way.
    only : iterable of str, optional
        Which reports, by key, unit or notebook.
    shard : Shard, optional
        The part of the reports to render.
    formats : tuple of str
    out : Path, optional
        Run folder.
    force : bool
        Whether to render what is current too.
    retry_failed : bool
        Whether to render again what failed before from the same inputs.
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
    run = run_folder(study, out, shard)
    inputs = input_files(study)
    extra = dict(parameters or {})
    study.run_id = make_run_id(study, inputs, extra)
    notebooks = notebook_hashes(study)
    every = all_targets(study)
    targets = choose(study, every, units=units, only=only, shard=shard)
    ledger = read_ledger(run)
    _check_notebooks(study, notebooks, targets, extra)
    views = FrozenViews()
    jobs = []
    for target in targets:
        if target.view not in views:
            views.add(target.view, study.view(target.unit) if target.unit else study.cohort_view())
        shown = views.hashes[target.view]
        job = _job(study, target, views, extra, formats)
        # What all units are read for may read more than its view: it follows every input.
        read = {} if target.unit else {"inputs": _short(inputs)}
        parts = {
            "data": shown[:SHORT],
            **read,
            "notebook": notebooks[target.notebook][:SHORT],
            "code": code_sha256()[:SHORT],
            "parameters": _short(job.parameters),
        }
        whole = [shown, read, notebooks[target.notebook], code_sha256()]
        job = replace(job, parts=parts, fingerprint=sha256_of_json([*whole, job.parameters]))
        entry = ledger.get(job.key)
        why = "forced" if force else is_current(run, entry, job.fingerprint, job.files(), parts)
        left = why == FAILED_BEFORE and not retry_failed
        jobs.append(_with_others(replace(job, why=why, left=left), run, entry))
    keys = tuple(target.key for target in every)
    used = {job.notebook: notebooks[job.notebook] for job in jobs}
    return Plan(study, run, study.run_id, tuple(jobs), views, inputs, keys, formats, extra, used)


def _short(value: Any) -> str:
    """Return a hash that is long enough to tell two values apart."""
    return sha256_of_json(value)[:SHORT]


def _job(
    study: Study,
    target: Target,
    views: FrozenViews,
    extra: Mapping[str, str],
    formats: tuple[str, ...],
) -> Job:
    """Return the job of a target, before it is known whether it must be done."""
    shown = str(study.path.relative_to(study.root))
    parameters = {"study": shown, "locale": study.locale.tag, **target.parameters, **extra}
    title = target.title or COHORT
    if target.unit:
        parameters["unit"], name = target.unit, views.heads[target.view].name
        title = f"{name}: {target.title}" if target.title else name
    return Job(
        target.key, target.kind, title, target.notebook, parameters, formats, "",
        views.hashes[target.view], "",
        notebook_title=target.title, view=target.view,
    )  # fmt: skip


def _check_notebooks(
    study: Study, names: Iterable[str], targets: Iterable[Target], extra: Mapping[str, str]
) -> None:
    """Raise if a notebook lacks a parameter that it will be given.

    What is given to all is checked in every notebook of the study, before any is run.
    """
    wanted = {name: {"study", "locale", *extra} for name in names}
    for target in targets:
        wanted[target.notebook] |= {*target.parameters, *(["unit"] if target.unit else [])}
    for name, given in wanted.items():
        notebook = read_notebook(study.root / name, name)
        check_parameters(notebook, name, dict.fromkeys(sorted(given), ""))


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
