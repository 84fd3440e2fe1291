"""Values beside what is typical of peers, variables beside results, and what answers lead to."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.parts import chip_of, value_text
from workbench.display.style import state_chip
from workbench.language import Locale
from workbench.study.views import IndicatorView, ShownValue, UnitView


def beside_tables(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return results beside the variables they come from, answers, and notes of the data."""
    return [
        *_variables(view, locale),
        *_answers(view, locale),
        *_notes(view, locale),
    ]


def what_follows(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return what is due to who is at a level, and what is recommended for an answer."""
    due = []
    for node in view.nodes:
        levels = view.info.scales.get(node.scale or "", ())
        level = next((lv for lv in levels if lv.id == node.level), None)
        if level is not None and level.follows:
            due.append((node.title, level.title, level.follows))
    due += [
        (i.title, i.beside.answer, i.beside.follows) for i in view.indicators if i.beside.follows
    ]
    if not due:
        return []
    heads = (
        b.ColumnHead(locale.text("Result or answer"), width=2.0),
        b.ColumnHead(locale.text("Now"), width=1.6),
        b.ColumnHead(locale.text("What follows from it"), width=3.2),
    )
    rows = tuple(b.Row((b.cell(title), b.cell(now), b.cell(then))) for title, now, then in due)
    return [b.Heading(locale.text("What follows from the result"), 3), b.Table(heads, rows)]


def indicator_chip(view: UnitView, indicator: IndicatorView) -> b.Chip | None:
    """Return the chip of an indicator's level, or of the state that was recorded."""
    if indicator.state_title and not indicator.level:
        return state_chip(indicator.status, indicator.state_title)
    return chip_of(view.info, indicator.scale, indicator.level, indicator.status)


def _alone(view: UnitView) -> list[IndicatorView]:
    """Return measured indicators without a level, of which nothing above makes a result."""
    summed = {n.code for n in view.nodes if n.status != "not_aggregated"}
    return [
        i
        for i in view.indicators
        if i.value is not None
        and i.scale is None
        and not set(i.parents) & summed
        and i.kind in ("measure", "score", "points")
    ]


def changed_values(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return values of now and before, where no result above them shows the change."""
    some = [(i, i.earlier) for i in _alone(view) if i.earlier and i.earlier.value is not None]
    if not some:
        return []
    constant = any(i.beside.constant for i, _ in some)
    heads = [
        b.ColumnHead(view.info.indicator_title, width=2.8),
        b.ColumnHead(locale.text("Before"), "right", width=1.6),
        b.ColumnHead(locale.text("Now"), "right", width=1.6),
    ]
    if constant:
        heads.append(b.ColumnHead(locale.text("Peers measured both times"), "right", width=2.4))
    rows = []
    for i, before in some:
        was = f"{_plain(before.value, locale)} ({before.wave_title})"
        cells = [b.cell(f"{i.code} {i.title}"), b.cell(was, number=before.value)]
        cells.append(b.cell(value_text(i, locale), number=i.value))
        if constant:
            cells.append(b.cell(_constant(i, locale)))
        rows.append(b.Row(tuple(cells)))
    found: list[b.Block | None] = [b.Table(tuple(heads), tuple(rows))]
    if constant:
        text = locale.text(
            "Peers measured both times: their median then and now, and how many they are. Others "
            "joined or left since, and the median of all moves with them."
        )
        found.append(b.Paragraph(b.as_rich(text), "note"))
    return found


def _constant(indicator: IndicatorView, locale: Locale) -> str:
    """Return the medians of the peers that were measured both times."""
    if indicator.beside.constant is None:
        return "–"
    n, before, now = indicator.beside.constant
    values = f"{_plain(before, locale)} → {_plain(now, locale)}"
    return f"{values} ({locale.integer(n)})"


def typical_values(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return numbers without levels beside their earlier value and what is typical of peers."""
    some = [i for i in _alone(view) if i.beside.peers_median is not None]
    if not some:
        return []
    before = any(i.earlier and i.earlier.value is not None for i in some)
    heads = [
        b.ColumnHead(view.info.indicator_title, width=2.8),
        b.ColumnHead(locale.text("Measured"), "right", width=1.3),
        b.ColumnHead(locale.text("Before"), "right", width=1.3),
        b.ColumnHead(locale.text("Median of peers"), "right", width=1.2),
        b.ColumnHead(locale.text("Best quarter of peers"), "right", width=1.2),
        b.ColumnHead(locale.text("Peers"), "right", width=0.7),
    ]
    rows = []
    for i in some:
        title = f"{i.code} {i.title}"
        if i.beside.less_is_better:
            title += f" ({locale.text('less is better')})"
        earlier = i.earlier.value if i.earlier else None
        cells = [
            b.cell(title),
            b.cell(value_text(i, locale), number=i.value),
            _number(earlier, locale),
            _number(i.beside.peers_median, locale),
            _number(i.beside.peers_best, locale),
            b.cell(locale.integer(i.beside.n_peers), number=i.beside.n_peers),
        ]
        rows.append(b.Row(tuple(c for k, c in enumerate(cells) if before or k != 2)))
    note = locale.text(
        "Peers: {peers}. A quarter of them stands at the value of the best quarter or beyond it. "
        "The numbers stand side by side; nothing is added up.",
        peers=view.peer_title,
    )
    return [
        b.Heading(locale.text("Beside the peers, one by one"), 3),
        b.Table(tuple(h for k, h in enumerate(heads) if before or k != 2), tuple(rows)),
        b.Paragraph(b.as_rich(note), "note"),
    ]


def _variables(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return results beside the variables that the instrument wants printed, by kind of row."""
    some = [i for i in view.indicators if i.beside.values and i.status != "not_applicable"]
    found: list[b.Block | None] = []
    by_columns: dict[tuple[str, ...], list[IndicatorView]] = {}
    for indicator in some:
        if any(shown.value is not None for shown in indicator.beside.values):
            columns = tuple(shown.title for shown in indicator.beside.values)
            by_columns.setdefault(columns, []).append(indicator)
    for columns, rows in by_columns.items():
        with_level = any(i.level for i in rows)
        heads = [b.ColumnHead(view.info.indicator_title, width=2.8)]
        heads += [b.ColumnHead(title, "right") for title in columns]
        heads.append(b.ColumnHead(locale.text("Measured"), "right"))
        if with_level:
            heads.append(b.ColumnHead(locale.text("Level"), width=1.5))
        found.append(
            b.Table(tuple(heads), tuple(_variable_row(view, i, locale, with_level) for i in rows))
        )
    return [b.Heading(locale.text("What the results come from"), 3), *found] if found else []


def _variable_row(
    view: UnitView, indicator: IndicatorView, locale: Locale, with_level: bool
) -> b.Row:
    """Return one indicator with its variables."""
    chip = indicator_chip(view, indicator)
    cells = [b.cell(f"{indicator.code} {indicator.title}")]
    cells += [_shown(shown, locale) for shown in indicator.beside.values]
    cells.append(b.cell(value_text(indicator, locale) or "–", number=indicator.value))
    if with_level:
        cells.append(b.cell(chip=chip) if chip else b.cell("–"))
    return b.Row(tuple(cells))


def _answers(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return the answers given in words, and statements with what they are read in."""
    titles = {"norm": locale.text("in the norm"), "practice": locale.text("in practice")}
    some = [(i, i.beside.answer) for i in view.indicators if i.beside.answer]
    # What statements are read in is worth a table where they differ.
    if len({i.beside.basis for i in view.indicators} - {""}) > 1:
        some += [(i, _statement(i, titles, locale)) for i in view.indicators if i.beside.basis]
    if not some:
        return []
    heads = (
        b.ColumnHead(view.info.indicator_title, width=2.8),
        b.ColumnHead(locale.text("Answer"), width=3.0),
    )
    rows = tuple(b.Row((b.cell(f"{i.code} {i.title}"), b.cell(answer))) for i, answer in some)
    return [b.Heading(locale.text("Answers"), 3), b.Table(heads, rows)]


def _statement(indicator: IndicatorView, titles: dict[str, str], locale: Locale) -> str:
    """Return whether a statement holds, and what it is read in."""
    if indicator.value is None:
        return "–"
    text = locale.text("yes") if indicator.value else locale.text("no")
    if "no_evidence" in indicator.remarks:
        return f"{titles[indicator.beside.basis]}: {locale.text('said to hold, without evidence')}"
    return f"{text}, {titles[indicator.beside.basis]}"


def _notes(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return the notes of the data on single indicators."""
    some = [i for i in view.indicators if i.beside.note]
    if not some:
        return []
    heads = (
        b.ColumnHead(view.info.indicator_title, width=2.2),
        b.ColumnHead(locale.text("Note of the source"), width=4.0),
    )
    rows = tuple(b.Row((b.cell(f"{i.code} {i.title}"), b.cell(i.beside.note))) for i in some)
    return [b.Heading(locale.text("Notes of the source"), 3), b.Table(heads, rows)]


def _shown(shown: ShownValue, locale: Locale) -> b.Cell:
    """Return a variable as a cell."""
    if shown.value is None:
        return b.cell("–")
    return b.cell(f"{_plain(shown.value, locale)} {shown.unit}".strip(), number=shown.value)


def _plain(value: float | None, locale: Locale) -> str:
    """Return a number, whole where it is, a dash for none."""
    if value is None:
        return "–"
    return locale.number(value, 0 if float(value).is_integer() else 2)


def _number(value: float | None, locale: Locale) -> b.Cell:
    """Return a number as a cell, a dash for none."""
    return b.cell(_plain(value, locale), number=value)
