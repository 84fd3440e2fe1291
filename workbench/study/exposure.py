"""What publishing a study would show of people: columns, texts, links, small cells, input files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.language import Message
from workbench.observations.tables import cell_text, read_table
from workbench.specs.study import ObservationTable
from workbench.specs.tables import Column
from workbench.study.roadmap import read_roadmap, roadmap_files

if TYPE_CHECKING:
    from workbench.study.facade import Study

# What looks like a person: an e-mail, ten digits of a telephone, and Mexico's CURP and RFC.
# Before the @ of an address stand at most 64 letters: without that end a long text would be read
# again from each of its letters.
PERSONAL = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,253}\.\w"
    r"|(?<!\d)(?:\d[ -]?){9}\d(?!\d)|\b[A-Z]{4}\d{6}[HM][A-Z]{5}\w\d\b"
    r"|\b[A-ZÑ&]{4}\d{6}\w{3}\b"
)
HEADS = re.compile(
    r"correo|e-?mail|tel[eé]fono|phone|celular|curp|\brfc\b|domicilio|address|responsable|"
    r"nombre_(?:de_)?(?:persona|contacto)|apellido|surname",
    re.IGNORECASE,
)
LINK = re.compile(r"\s*([A-Za-z][\w+.-]*):")


@dataclass(frozen=True, slots=True)
class Exposed:
    """Something that would be published.

    Parameters
    ----------
    kind : str
        ``text``, ``personal``, ``link``, ``small_cells`` or ``input``.
    where : str
        File and column.
    what : Message
    named : bool
        Whether the study says that it may be; False calls for a decision.
    """

    kind: str
    where: str
    what: Message
    named: bool


def exposure(study: Study) -> list[Exposed]:
    """Return what publishing a study, its run or a pack of it would expose; the unnamed first.

    Parameters
    ----------
    study : Study
    """
    found = [
        *_texts(study), *_roadmaps(study), *_names(study), *_cells(study), *_inputs(study),
    ]  # fmt: skip
    return sorted(found, key=lambda e: e.named)


def _texts(study: Study) -> Iterator[Exposed]:
    """Yield the columns of free text and links: reports show those that the study names.

    A file that is packed hands on the others too.
    """
    allowed, held = set(study.spec.privacy.texts), set(study.spec.withheld)
    for spec in study.spec.observations:
        columns = dict(_columns(spec))
        if not columns:
            continue
        frame = read_table(study.root, spec).frame
        for column, name in columns.items():
            if column not in frame:  # a mistake of the study, that its check reports
                continue
            cells = [text for cell in frame[column] if (text := cell_text(cell))]
            where, named = f"{spec.file}: {column}", column in allowed or spec.file in held
            what = Message("{n} texts of the column, in a pack alone", n=len(cells))
            if column in allowed and name != "evidence":
                what = Message("{n} texts of the column are published", n=len(cells))
            yield Exposed("text", where, what, named)
            yield from _personal(cells, where, named=named)
            if name == "evidence":
                yield from _links(cells, where)
    for table in study.spec.respondents:
        for name, item in table.items.items():
            if item.text:
                what = Message("what people wrote is quoted")
                quoted = "quotes" in item.gives.values()
                if quoted:
                    yield Exposed("text", f"{table.file}: {name}", what, name in allowed)


def _columns(spec: ObservationTable) -> Iterator[tuple[str, str]]:
    """Yield each column of a table in which people write, and what it is."""
    for name in ("note", "evidence", "source", "text"):
        part = getattr(spec, name)
        if isinstance(part, Column):
            yield part.column, name
    if isinstance(spec.columns, dict):
        for column, parts in spec.columns.items():
            if any(p.text for p in (parts if isinstance(parts, tuple) else (parts,))):
                yield column, "text"


def _roadmaps(study: Study) -> Iterator[Exposed]:
    """Yield the offices, titles and notes of roadmaps, which reports print as they stand."""
    for unit, name in roadmap_files(study).items():
        plan = read_roadmap(study, unit, name)
        tag = study.locale.tag
        tasks = plan.tasks
        offices = [t.responsible.in_(tag) for t in tasks if t.responsible]
        others = [x.in_(tag) for t in tasks for x in (t.title, t.note) if x]
        if offices:
            what = Message("{n} tasks say who answers for them, in the report", n=len(offices))
            yield Exposed("text", f"{name}: responsible", what, named=True)
        yield from _personal([*offices, *others], f"{name} ({unit})")


def _personal(cells: Iterable[str], where: str, *, named: bool = False) -> Iterator[Exposed]:
    """Yield that some texts look as if they told of a person; the texts themselves are not told."""
    n = sum(PERSONAL.search(text) is not None for text in cells)
    if n:
        what = Message("{n} texts look like an e-mail, a telephone, a CURP or an RFC", n=n)
        yield Exposed("personal", where, what, named)


def _links(cells: list[str], where: str) -> Iterator[Exposed]:
    """Yield the links of a column by kind; those that are no http(s) or mailto stay texts."""
    schemes = [m[1].lower() for text in cells if (m := LINK.match(text))]
    good = sum(s in ("http", "https", "mailto") for s in schemes)
    if good:
        yield Exposed("link", where, Message("{n} links", n=good), named=True)
    if len(schemes) > good:
        what = Message("{n} links that lead neither to the web nor to mail", n=len(schemes) - good)
        yield Exposed("link", where, what, named=False)


def _names(study: Study) -> Iterator[Exposed]:
    """Yield that names of units look personal."""
    yield from _personal(map(str, study.units["name"]), study.spec.units.file)


def _cells(study: Study) -> Iterator[Exposed]:
    """Yield how many results of surveys are suppressed, and by which threshold."""
    n = study.spec.privacy.threshold
    kinds = [w.kind for w in study.warnings]
    for table in study.spec.respondents:
        if n <= 1:
            what = Message("no small cell is suppressed: the threshold is 1")
            yield Exposed("small_cells", table.file, what, named=False)
    if study.spec.respondents and n > 1:
        hidden = kinds.count("survey_suppressed")
        what = Message("{n} results are suppressed: fewer than {least} answers", n=hidden, least=n)
        yield Exposed("small_cells", "privacy", what, named=True)


def _inputs(study: Study) -> Iterator[Exposed]:
    """Yield the input files that a pack hands on whole, with columns that look personal."""
    held, people = set(study.spec.withheld), {t.file for t in study.spec.respondents}
    seen: set[str] = set()
    units = study.spec.units
    more = [units.model_copy(update={"file": name}) for name in units.more]
    for spec in (units, *more, *study.spec.observations, *study.spec.respondents):
        if spec.file in seen:
            continue
        seen.add(spec.file)
        if spec.file in held:
            what = Message("a pack holds its hash alone")
            yield Exposed("input", spec.file, what, named=True)
            continue
        what = Message("a pack holds the whole file")
        yield Exposed("input", spec.file, what, named=spec.file not in people)
        frame = read_table(study.root, spec).frame
        heads = [str(name) for name in frame.columns if HEADS.search(str(name))]
        unnamed = [name for name in heads if name not in study.spec.privacy.texts]
        if unnamed:
            what = Message(
                "columns that seem to tell of persons: {names}", names=", ".join(unnamed)
            )
            yield Exposed("personal", spec.file, what, named=False)
