"""Head and foot of a report of a comparison."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.compared.common import ComparedView
from workbench.display.parts import example_callout, method_blocks, noun_of
from workbench.language import Locale, marked

# Questions of a single measurement, the last.
ONE_WAVE = ("groups", "rank", "target", "peers", "chance")
TITLES = {
    "change": marked("Baseline against follow-up"),
    "indicators": marked("Baseline against follow-up"),
    "groups": marked("Groups compared"),
    "programme": marked("Participants of a programme against the others"),
    "rank": marked("Places and their ranges"),
    "chance": marked("Beside what chance gives"),
}


def cover(view: ComparedView) -> b.Section:
    """Return the head of the report: what is compared, and when it was measured."""
    locale, info = view.locale, view.info
    facts = [
        (noun_of(info).titles, locale.integer(len(view.study.observed_units()))),
        _measured(view, locale),
    ]
    head = b.Cover(
        locale.text(TITLES.get(view.found.question, marked("A comparison"))),
        info.instrument_title,
        info.title,
        tuple(facts),
        locale.text("Example") if info.example else "",
    )
    lead = b.Paragraph(b.as_rich(info.description)) if info.description else None
    return view.section([head, lead, example_callout(info)])


def method(view: ComparedView) -> b.Section:
    """Return how the report was made and how to check it."""
    locale = view.locale
    rows = [_measured(view, locale)]
    heading = b.Heading(locale.text("How was this made?"))
    return view.section([heading, *method_blocks(view.info, rows, locale)])


def _measured(view: ComparedView, locale: Locale) -> tuple[str, str]:
    """Return the titles of the waves that were looked at: the last alone, where one is compared."""
    waves = view.found.waves[-1:] if view.found.question in ONE_WAVE else view.found.waves
    titles = locale.listing([view.wave_title(wave) for wave in waves])
    return locale.text("Measurement") if len(waves) == 1 else locale.text("Measurements"), titles
