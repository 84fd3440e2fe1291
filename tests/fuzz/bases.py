"""Good inputs, made of the small examples of the project and of other tests."""

from __future__ import annotations

import csv
import functools
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
import openpyxl
import pandas as pd

from tests.forms.filling import export, fill_file, fill_rows
from tests.forms.instruments import EVERYTHING
from tests.fuzz.levels import WRITERS, Rows, parquet_bytes
from tests.runs.test_proof import project_at, run_of
from tests.support import STUDY, Project

ROOT = Path(__file__).parents[2]
Files = dict[str, bytes]
SAID = "arguments"  # stands for the words of a command line where a file would


@dataclass(frozen=True)
class Base:
    """A good input: the files, which of them is made faulty, and the words of the command.

    Parameters
    ----------
    files : dict of str to bytes
        Content by path from the folder in which the command runs.
    target : str
        The one that is made faulty.
    words : tuple of str
        The command line.
    writes : tuple of str
        Files that the command may write.
    """

    files: Files
    target: str
    words: tuple[str, ...]
    writes: tuple[str, ...] = ()


CHECK = "params/estudio.yml"
WIDE: Rows = [["unit", "agua", "luz"], ["01001", 80, 60], ["01002", 40.5, 20]]
WIDE_STUDY = STUDY.replace("code: {column: code}, value: {column: value}", "columns: codes")


def files_of(folder: Path, *, without: str = "") -> Files:
    """Return the files of a folder."""
    found = sorted(p for p in folder.rglob("*") if p.is_file())
    names = {p.relative_to(folder).as_posix(): p for p in found}
    return {n: p.read_bytes() for n, p in names.items() if not without or not n.startswith(without)}


def made(**changes: str | bytes) -> Files:
    """Return the files of a small project."""
    with tempfile.TemporaryDirectory() as folder:
        project = replace(Project(Path(folder)), **changes)  # type: ignore[arg-type]
        project.write()
        return files_of(Path(folder))


def shipped(name: str, *more: str) -> Files:
    """Return the files of an example that is shipped."""
    study = (ROOT / f"params/{name}.yml").read_bytes()
    paths = [f"params/{name}.yml", *more]
    cases = [p for p in (ROOT / f"data/cases/{name}").iterdir() if p.suffix in (".csv", ".yml")]
    paths += [p.relative_to(ROOT).as_posix() for p in cases]
    id_ = next(
        line.split()[1] for line in study.decode().splitlines() if line.startswith("instrument:")
    )
    return {p: (ROOT / p).read_bytes() for p in [*paths, f"data/instruments/{id_}.yml"]}


def checked(files: Files, target: str, study: str = CHECK) -> Base:
    return Base(files, target, ("check", study))


EXAMPLES = ("certeza-ejemplo", "encuesta-ejemplo", "programa-ejemplo", "fortaleza-ejemplo")
EARLIER = (
    "params/cuadrantes-anterior-ejemplo.yml", "data/instruments/cuadrantes-anterior-ejemplo.yml",
    "data/cases/cuadrantes-anterior-ejemplo/municipios.csv", "data/cases/cuadrantes-anterior-ejemplo/observaciones.csv",
)  # fmt: skip


def studies() -> list[Base]:
    found = [checked(made(), CHECK)]
    found += [checked(shipped(n), f"params/{n}.yml", f"params/{n}.yml") for n in EXAMPLES]
    earlier = tuple(p for p in EARLIER if (ROOT / p).is_file())
    for name, more in (("migestion-ejemplo", ()), ("cuadrantes-ejemplo", earlier)):
        found.append(checked(shipped(name, *more), f"params/{name}.yml", f"params/{name}.yml"))
    return found


def whole_language() -> Base:
    """Return a study of the instrument that uses all of the language of instruments."""
    rows = "unit,code,value\n01001,A.4,8\n01001,A.5,10\n01001,A.1.a,1\n01001,A.2.v1,3\n01001,A.2.v2,4\n01002,A.4,2\n"
    study = STUDY.replace("instrument: prueba", "instrument: todo")
    files = made(study=study, observations=rows)
    files["data/instruments/todo.yml"] = EVERYTHING.encode()
    return checked(files, "data/instruments/todo.yml")


def instruments() -> list[Base]:
    found = [checked(made(), "data/instruments/prueba.yml"), whole_language(), whole_language()]
    for name in EXAMPLES:
        files = shipped(name)
        target = next(p for p in files if p.startswith("data/instruments/"))
        found.append(checked(files, target, f"params/{name}.yml"))
    return found


def roadmaps() -> list[Base]:
    files = shipped("migestion-ejemplo")
    target = "data/cases/migestion-ejemplo/hoja-de-ruta.yml"
    return [checked(files, target, "params/migestion-ejemplo.yml")]


def tables(ending: str, content: Callable[[], bytes]) -> Callable[[], list[Base]]:
    def bases() -> list[Base]:
        files = made(study=WIDE_STUDY.replace("observations.csv", f"observations{ending}"))
        target = f"data/observations{ending}"
        return [checked(files | {target: content()}, target)]

    return bases


def csv_tables() -> list[Base]:
    wide = WRITERS[".csv"](WIDE)
    marks = STUDY.replace(
        "value: {column: value}", "value: {column: value}, decimal: ',', thousands: '.'"
    )
    spanish = made(study=marks, observations="unit;code;value\n01001;agua;80,5\n01001;luz;60\n")
    return [
        checked(made(), "data/observations.csv"),
        checked(made(observations=wide, study=WIDE_STUDY), "data/observations.csv"),
        checked(spanish, "data/observations.csv"),
        checked(shipped("programa-ejemplo"), "data/cases/programa-ejemplo/indicadores.csv", "params/programa-ejemplo.yml"),
    ]  # fmt: skip


def xlsx(rows: Rows) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(out)
    return out.getvalue()


def parquet(rows: Rows) -> bytes:
    import pyarrow as pa

    return parquet_bytes(pa.Table.from_pandas(pd.DataFrame(rows[1:], columns=rows[0])))


def unit_tables() -> list[Base]:
    certeza = "data/cases/certeza-ejemplo/municipios.csv"
    return [
        checked(made(), "data/units.csv"),
        checked(shipped("certeza-ejemplo"), certeza, "params/certeza-ejemplo.yml"),
    ]


def surveys() -> list[Base]:
    files = shipped("encuesta-ejemplo")
    target = "data/cases/encuesta-ejemplo/respuestas.csv"
    lines = files[target].splitlines(keepends=True)
    return [checked(files | {target: b"".join(lines[:60])}, target, "params/encuesta-ejemplo.yml")]


ANSWERS = [
    {"wave": "2025", "code": "A.4", "value": "8", "state": "", "note": "nota", "evidence": "https://x.mx"},
    {"wave": "2025", "code": "A.5", "value": "10", "state": "", "note": ""},
    {"wave": "2025", "code": "A.2.v2", "value": "4", "state": "", "note": ""},
]  # fmt: skip


def forms(layout: str) -> Callable[[], list[Base]]:
    """Return filled-in forms of a layout: one-per-unit, rows, or an export as csv or xlsx."""

    def bases() -> list[Base]:
        from workbench.forms import CaptureOptions, write_forms
        from workbench.instruments import load_instrument

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "todo.yml"
            path.write_text(EVERYTHING, encoding="utf-8")
            instrument, form = load_instrument(path), Path(folder) / "form.xlsx"
            units = pd.DataFrame({"name": ["Uno"]}, index=pd.Index(["01001"], name="unit"))
            if layout == "one-per-unit":
                write_forms(instrument, form, CaptureOptions(wave="2025"), units=units)
                fill_file(form, instrument, "es-MX", ANSWERS)
            elif layout == "rows":
                write_forms(instrument, form, CaptureOptions(layout="rows"))
                fill_rows(form, instrument, "es-MX", "01001", ANSWERS)
            else:
                write_forms(instrument, form, CaptureOptions(format="xlsform"))
                header, record = export(form, ANSWERS, "01001")
                rows: Rows = [header, record, ["01002" if c == "01001" else c for c in record]]
                content = WRITERS[".csv"](rows) if layout == ".csv" else xlsx(rows)
                form = form.with_suffix(layout)
                form.write_bytes(content)
            files = {"data/instruments/todo.yml": path.read_bytes(), form.name: form.read_bytes()}
        words = (
            "ingest",
            form.name,
            "--instrument",
            "todo",
            "--out",
            "out.csv",
            "--problems",
            "wrong.csv",
            "--marked",
            "marked",
        )
        return [Base(files, form.name, words, ("out.csv", "wrong.csv", "marked/*"))]

    return bases


def titles() -> list[Base]:
    from workbench.instruments import load_instrument
    from workbench.study.fill import write_blank

    name = "agenda-desde-lo-local-2003"
    with tempfile.TemporaryDirectory() as folder:
        blank = Path(folder) / "blank.csv"
        write_blank(load_instrument(ROOT / f"data/instruments/{name}.yml"), blank)
        with blank.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    for n, row in enumerate(r for r in rows if not r["kind"]):
        row |= {
            "title_es": f"Indicador {n}",
            "parent": ("institucional", "economico", "social", "ambiental")[n // 10],
        }
        row |= {"rojo": "Nada", "amarillo": "Algo", "verde": "Todo", "review": "once"}
    content = WRITERS[".csv"]([list(rows[0]), *(list(r.values()) for r in rows)])
    words = (
        "fill",
        name,
        "titles.csv",
        "--id",
        "mi-agenda",
        "--source",
        "Propia",
        "--title",
        "Mi agenda",
    )
    files = {"titles.csv": content, "data/instruments/.keep": b""}
    return [Base(files, "titles.csv", words, ("data/instruments/mi-agenda.yml",))]


def asked() -> list[Base]:
    files = {
        "units.csv": b"unit,name,pob\n01001,Uno,1000\n01002,Dos,2000\n",
        "data/instruments/todo.yml": EVERYTHING.encode(),
    }
    words = ("capture", "todo", "--units", "units.csv", "--layout", "rows", "--out", "f.xlsx")
    return [Base(files, "units.csv", words, ("f.xlsx",))]


@functools.cache
def project_with_a_run() -> tuple[Files, str]:
    """Return the files of a small project with a run, and the name of a pack of it."""
    from workbench.runs.pack import pack

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        run = run_of(project_at(root), formats=("ipynb", "html"), units=["01001"])
        path, _ = pack(run, root, root / "pack.zip")
        return files_of(root), path.name


RUN = "outputs/estudio"


def of_run(target: str, *words: str) -> Callable[[], list[Base]]:
    def bases() -> list[Base]:
        files, pack = project_with_a_run()
        files = (
            files
            if "pack.zip" in (target, *words)
            else {n: c for n, c in files.items() if n != pack}
        )
        return [Base(files, target, words)]

    return bases


def several(*bases: Callable[[], list[Base]]) -> Callable[[], list[Base]]:
    return lambda: [base for each in bases for base in each()]


def merged(target: str) -> Callable[[], list[Base]]:
    def bases() -> list[Base]:
        files = project_with_a_run()[0]
        run = {n: c for n, c in files.items() if n.startswith(RUN)}
        parts = {n.replace(RUN, f"{RUN}.{k}-of-2"): c for n, c in run.items() for k in (1, 2)}
        words = ("merge", f"{RUN}.1-of-2", f"{RUN}.2-of-2", "--out", "whole")
        return [Base(parts, target.replace(RUN, f"{RUN}.1-of-2"), words, ("whole/*",))]

    return bases


def notebooks() -> list[Base]:
    files = project_with_a_run()[0]
    files = {n: c for n, c in files.items() if not n.startswith(RUN) and n != "pack.zip"}
    tagged = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell('study = ""\nunit = ""\nlocale = ""\nnota = "x"', metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell("a = [1]", metadata={"tags": ["shared"]}),
            nbformat.v4.new_code_cell("from workbench import Study\nprint(Study.open(study).view(unit), nota, a)"),
        ]
    )  # fmt: skip
    other = files | {"notebooks/unit.ipynb": nbformat.writes(tagged).encode()}
    return [
        Base(files, "notebooks/unit.ipynb", ("plan", CHECK)),
        Base(other, "notebooks/unit.ipynb", ("plan", CHECK, "-p", "nota=hola")),
    ]


LINES = (
    ("plan", CHECK, "--unit", "01001", "--formats", "html,pdf"),
    ("plan", CHECK, "--only", "01001", "--shard", "1/2", "--locale", "es-MX", "--json"),
    ("plan", CHECK, "-p", "nota=x", "--force", "--retry-failed"),
    ("score", CHECK, "--node", "total", "--unit", "01001", "--wave", "2025", "--locale", "en"),
    ("explain", CHECK, "01001", "agua", "--wave", "2025"),
    ("compare", CHECK, "indicators"),
    ("check", CHECK),
    ("instruments", "prueba", "--locale", "es-MX"),
    ("instruments", "--compare", "prueba", "prueba"),
    ("verify", RUN, "--identity", "x"),
    ("diff", RUN, RUN),
)


def arguments() -> list[Base]:
    files = project_with_a_run()[0] | {
        "notebooks/unit.ipynb": notebooks()[1].files["notebooks/unit.ipynb"]
    }
    return [Base(files | {SAID: "\n".join(line).encode()}, SAID, line) for line in LINES]


def coinr(target: str) -> Callable[[], list[Base]]:
    def bases() -> list[Base]:
        from tests.audit.test_coinr import data, meta

        files = {
            f"{n}.csv": t.to_csv(index=False, na_rep="NA").encode()
            for n, t in (("iData", data()), ("iMeta", meta()))
        }
        if target.endswith(".xlsx"):
            out = io.BytesIO()
            with pd.ExcelWriter(out) as writer:
                data().to_excel(writer, sheet_name="iData", index=False)
                meta().to_excel(writer, sheet_name="iMeta", index=False)
            files = {target: out.getvalue()}
        return [Base(files, target, ())]

    return bases
