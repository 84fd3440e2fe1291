"""The door: every notebook of the project, what it is for, and for whom."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.language import Span, marked
from workbench.study import Study

# Title, what for, and for whom, in the order in which people need them.
NOTEBOOKS = {
    "explore": (
        marked("Explore"),
        marked("Move weights and rules, and see scores, levels and places move with their range"),
        marked("Researchers"),
    ),
    "municipality": (
        marked("Report of one municipality"),
        marked("Where it stands, what changed, what next, and how sure that is"),
        marked("Mayors, evaluators"),
    ),
    "cohort": (
        marked("Report of a cohort"),
        marked("The same for a group of municipalities"),
        marked("States, funders"),
    ),
    "waves": (
        marked("Baseline against follow-up"),
        marked("What changed between two measurements, and whether that is real"),
        marked("Researchers, evaluators"),
    ),
    "groups": (
        marked("Groups compared"),
        marked("How groups of municipalities differ"),
        marked("Researchers"),
    ),
    "ranking": (
        marked("Places and their ranges"),
        marked("Which places of a ranking can be told apart"),
        marked("Researchers, auditors"),
    ),
    "funnel": (
        marked("Shares beside what chance gives"),
        marked("Who is outside what chance alone would give"),
        marked("Researchers"),
    ),
    "programme": (
        marked("Report of a programme"),
        marked("Targets met, deliverables, and what changed"),
        marked("Funders"),
    ),
    "programme_effect": (
        marked("Effect of a programme"),
        marked("Whether participants changed more than the others"),
        marked("Evaluators, funders"),
    ),
    "audit": (
        marked("Audit of an index"),
        marked("How solid an index is: the ten steps of the OECD/JRC Handbook"),
        marked("Auditors, researchers"),
    ),
}


def tour(study: Study) -> b.Section:
    """Return the notebooks of the project as links: title, what for, for whom.

    Parameters
    ----------
    study : Study
        Its language is spoken; notebooks that its project does not have are left out.
    """
    locale, folder = study.locale, study.root / "notebooks"
    heads = (
        b.ColumnHead(locale.text("Notebook"), width=1.4),
        b.ColumnHead(locale.text("What for"), width=2.6),
        b.ColumnHead(locale.text("For whom"), width=1.2),
    )
    rows = []
    for name, (title, what, who) in NOTEBOOKS.items():
        if not (folder / f"{name}.ipynb").is_file():
            continue
        link = (Span(locale.text(title), href=f"{name}.ipynb"),)
        rows.append(b.Row((b.cell(link), b.cell(locale.text(what)), b.cell(locale.text(who)))))
    heading = b.Heading(locale.text("The notebooks"))
    return b.Section([heading, b.Table(heads, tuple(rows))], locale.tag)
