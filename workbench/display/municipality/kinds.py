"""Which kind of certainty each statement of a municipal report has."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.display import blocks as b
from workbench.display.parts import FACTS
from workbench.language import Locale
from workbench.study.views import UnitView

SPACE = b.as_rich(" ")


@dataclass(frozen=True, slots=True)
class _Kinds:
    """The kinds of certainty in words."""

    bounds: str
    choices: str
    interval: str
    none: str


def kinds_blocks(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return what could make each statement another one, and of which kind that is."""
    kinds = _Kinds(
        locale.text("Limits of the data"),
        locale.text("Range over choices"),
        locale.text("Margin of error"),
        locale.text("Cannot be given"),
    )
    rows = [
        *_result(view, kinds, locale),
        *_change(view, kinds, locale),
        *_position(view, kinds, locale),
        *_place(view, kinds, locale),
        *_others(view, kinds, locale),
    ]
    if not rows:
        return []
    heads = (
        b.ColumnHead(locale.text("What this report says"), width=1.8),
        b.ColumnHead(locale.text("Kind of certainty"), width=1.2),
        b.ColumnHead(locale.text("What could make it other"), width=2.8),
    )
    body = tuple(b.Row(tuple(b.cell(text) for text in row)) for row in rows)
    return [
        b.Heading(locale.text("How sure is each statement?"), 3),
        b.Table(heads, body),
        b.Paragraph(_key(kinds, {kind for _, kind, _ in rows}, locale), "note"),
    ]


def _key(kinds: _Kinds, used: set[str], locale: Locale) -> b.Rich:
    """Return what the kinds of certainty in the table mean."""
    texts = {
        kinds.bounds: locale.rich(
            "**Limits of the data**: what the data that are missing could make of it."
        ),
        kinds.choices: locale.rich(
            "**Range over choices**: what other weights would make of it; no margin of error."
        ),
        kinds.interval: locale.rich(
            "**Margin of error**: how far measurement error or chance move it, in 95 of 100 cases."
        ),
        kinds.none: locale.rich(
            "**Cannot be given**: nothing says how far error or chance could move it."
        ),
    }
    said = [text for kind, text in texts.items() if kind in used]
    return tuple(span for k, text in enumerate(said) for span in (*(SPACE if k else ()), *text))


Rows = list[tuple[str, str, str]]


def _result(view: UnitView, kinds: _Kinds, locale: Locale) -> Rows:
    """Return the row of the result."""
    if not view.headline:
        return []
    text = locale.text("missing data, as told above")
    if not any(n.parts_known for n in view.headline):
        text = locale.text("not known: the source gives the result only")
        return [(locale.text("The result"), kinds.none, text)]
    title = locale.text("The result")
    rows = [(title, kinds.bounds, text)]
    known = {p.code for p in view.certainty.precisions if p.std_error is not None}
    if known & {n.code for n in view.headline}:
        error = locale.text("measurement error, as its source found it")
        rows.append((title, kinds.interval, error))
    return rows


def _change(view: UnitView, kinds: _Kinds, locale: Locale) -> Rows:
    """Return the rows of the change: of what has a known precision, and of what has none."""
    title = locale.text("The change since {wave}", wave=view.baseline_title or "")
    sure = view.certainty.changes
    told = {
        n.code for n in view.headline if n.earlier and n.score is not None and n.own_wave != "whole"
    }
    told |= {i.code for i in view.indicators if i.earlier and i.value is not None and not told}
    rows: Rows = []
    if sure:
        text = locale.text("measurement error, as its source found it")
        rows.append((title, kinds.interval, text))
    if view.comparison is not None or told - set(sure):
        text = (
            locale.text("what was seen each time, by whom, and how the rules were read")
            if FACTS & set(view.info.kinds)
            else locale.text(
                "it is the difference of two recorded values: no source states how precise they are"
            )
        )
        rows.append((title, kinds.none, text))
    return rows


def _position(view: UnitView, kinds: _Kinds, locale: Locale) -> Rows:
    """Return the row of the position among peers."""
    if all(p.percentile is None for p in view.certainty.positions.values()):
        return []
    text = locale.text("missing data of its own or of its peers; it is a count, without chance")
    return [(locale.text("The position among peers"), kinds.bounds, text)]


def _place(view: UnitView, kinds: _Kinds, locale: Locale) -> Rows:
    """Return the rows of the place among all, one for each kind."""
    if all(n.rank is None for n in view.headline):
        return []
    title = locale.text("The place among all")
    bases = {p.basis for ranges in view.certainty.places.values() for p in ranges}
    rows = [(title, kinds.bounds, locale.text("missing data and ties"))]
    if not any(n.rank.known for n in view.headline if n.rank):
        rows = [(title, kinds.none, locale.text("not known: the source gives the result only"))]
    if "error" in bases:
        rows.append((title, kinds.interval, locale.text("measurement error of all of them")))
    if "choices" in bases:
        rows.append((title, kinds.choices, locale.text("other weights of the parts")))
    return rows


def _others(view: UnitView, kinds: _Kinds, locale: Locale) -> Rows:
    """Return the rows of the target and of shares beside chance."""
    rows: Rows = []
    targets = view.certainty.targets.values()
    if targets:
        sure = all(t.verdict is not None for t in targets)
        text = locale.text("measurement error, as its source found it")
        bare = locale.text("it is a recorded value: no source states how precise it is")
        kind = kinds.interval if sure else kinds.none
        rows.append((locale.text("Whether a target is met"), kind, text if sure else bare))
    if view.certainty.chances:
        text = locale.text("chance, in so many cases as were counted")
        rows.append((locale.text("Shares beside what chance gives"), kinds.interval, text))
    return rows
