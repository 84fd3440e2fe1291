"""Values beside what is typical of peers, variables beside results, and what answers lead to."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.municipality.answers import answers_tables
from workbench.display.municipality.position import counts_cell
from workbench.display.parts import added_up_nowhere, chip_of, value_text
from workbench.display.precision import beyond_cell
from workbench.display.style import state_chip
from workbench.display.values import decimals_of, plain_number, titled, with_unit
from workbench.language import Locale
from workbench.study.views import IndicatorView, ShownValue, UnitView


def beside_tables(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return results beside the variables they come from, answers, and notes of the data."""
    return [
        *_variables(view, locale),
        *_answers(view, locale),
        *answers_tables(view, locale),
        *_said(view, locale),
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


def _numbers(view: UnitView) -> list[IndicatorView]:
    """Return measured indicators without a level: their numbers are what can be compared."""
    return [i for i in view.indicators if i.value is not None and i.beside.number]


def changed_values(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return values of now and before of the numbers without levels."""
    some = [(i, i.earlier) for i in _numbers(view) if i.earlier and i.earlier.value is not None]
    if not some:
        return []
    constant = any(_others(i) for i, _ in some)
    sure = view.certainty.changes if any(i.code in view.certainty.changes for i, _ in some) else {}
    heads = [
        b.ColumnHead(view.info.indicator_title, width=2.8),
        b.ColumnHead(locale.text("Before"), "right", width=1.6),
        b.ColumnHead(locale.text("Now"), "right", width=1.6),
    ]
    if sure:
        heads.append(b.ColumnHead(locale.text("Beyond measurement error"), width=1.6))
    if constant:
        heads.append(b.ColumnHead(locale.text("All peers"), "right", width=2.2))
        heads.append(b.ColumnHead(locale.text("Peers measured both times"), "right", width=2.2))
    rows = []
    for i, before in some:
        alike = (i.value, before.value, *(i.beside.constant or ())[1:])
        was = f"{with_unit(before.value, i.unit, locale, *alike)} ({before.wave_title})"
        cells = [b.cell(titled(i.code, i.title)), b.cell(was, number=before.value)]
        cells.append(b.cell(value_text(i, locale, *alike), number=i.value))
        if sure:
            cells.append(beyond_cell(sure.get(i.code), decimals_of(*alike), locale))
        if constant:
            cells += [b.cell(_all_peers(i, locale, *alike)), b.cell(_constant(i, locale, *alike))]
        rows.append(b.Row(tuple(cells)))
    found: list[b.Block | None] = [b.Table(tuple(heads), tuple(rows))]
    if constant:
        text = locale.text(
            "Medians of the peers then and now, with how many they are. Some joined or left "
            "between the two measurements, and the median of all moves with them; those measured "
            "both times are the same ones."
        )
        found.append(b.Paragraph(b.as_rich(text), "note"))
    return found


def _others(indicator: IndicatorView) -> bool:
    """Return whether peers joined or left between the two measurements."""
    same, then = indicator.beside.constant, indicator.beside.peers_then
    if same is None:
        return False
    return then is None or not same[0] == then[0] == indicator.beside.n_peers


def _all_peers(indicator: IndicatorView, locale: Locale, *alike: float | None) -> str:
    """Return the medians of all peers, whoever they were then and are now."""
    then, now = indicator.beside.peers_then, indicator.beside.peers_median
    before = "–"
    if then is not None:
        before = f"{plain_number(then[1], locale, *alike)} ({locale.integer(then[0])})"
    after = f"{plain_number(now, locale, *alike)} ({locale.integer(indicator.beside.n_peers)})"
    return f"{before} → {after}"


def quarters(view: UnitView) -> tuple[list[IndicatorView], list[IndicatorView]]:
    """Return raw indicators in the best and in the worst quarter of the peers; none is in both."""
    best, worst = [], []
    for i in _numbers(view):
        top, bottom = i.beside.peers_best, i.beside.peers_worst
        if i.value is None or top is None or bottom is None or top == bottom:
            continue
        sign = -1 if i.beside.less_is_better else 1
        if sign * (i.value - top) >= 0:
            best.append(i)
        elif sign * (i.value - bottom) <= 0:
            worst.append(i)
    return best, worst


def _constant(indicator: IndicatorView, locale: Locale, *alike: float | None) -> str:
    """Return the medians of the peers that were measured both times."""
    if indicator.beside.constant is None:
        return "–"
    n, before, now = indicator.beside.constant
    values = f"{plain_number(before, locale, *alike)} → {plain_number(now, locale, *alike)}"
    return f"{values} ({locale.integer(n)})"


def typical_values(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return numbers without levels beside their earlier value and what is typical of peers."""
    some = [i for i in _numbers(view) if i.beside.peers_median is not None]
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
    places = view.certainty.positions
    told = any(i.code in places and places[i.code].percentile is not None for i in some)
    if told:
        heads.append(b.ColumnHead(locale.text("Behind / level / ahead"), "right", width=1.4))
    rows = []
    for i in some:
        title = titled(i.code, i.title)
        if i.beside.less_is_better:
            title += f" ({locale.text('less is better')})"
        earlier = i.earlier.value if i.earlier else None
        beside = (earlier, i.beside.peers_median, i.beside.peers_best)
        cells = [
            b.cell(title),
            b.cell(value_text(i, locale, *beside), number=i.value),
            *(b.cell(plain_number(x, locale, i.value, *beside), number=x) for x in beside),
            b.cell(locale.integer(i.beside.n_peers), number=i.beside.n_peers),
            *([counts_cell(places.get(i.code), locale)] if told else []),
        ]
        rows.append(b.Row(tuple(c for k, c in enumerate(cells) if before or k != 2)))
    note = locale.text(
        "Peers: {peers}. A quarter of them stands at the value of the best quarter or beyond it.",
        peers=view.peer_title,
    )
    if not view.headline:
        note += f" {added_up_nowhere(locale)}"
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
    cells = [b.cell(titled(indicator.code, indicator.title))]
    cells += [_shown(shown, locale) for shown in indicator.beside.values]
    cells.append(b.cell(value_text(indicator, locale) or "–", number=indicator.value))
    if with_level:
        cells.append(b.cell(chip=chip) if chip else b.cell("–"))
    return b.Row(tuple(cells))


def _answers(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return the answers given in words, and statements with what they are read in."""
    titles = {"norm": locale.text("in the norm"), "practice": locale.text("in practice")}
    # An answer that is the name of its level stands in the table of indicators already.
    some = [
        (i, i.beside.answer)
        for i in view.indicators
        if i.beside.answer and i.beside.answer != getattr(indicator_chip(view, i), "title", "")
    ]
    # What statements are read in is worth a table where they differ.
    if len({i.beside.basis for i in view.indicators} - {""}) > 1:
        some += [(i, _statement(i, titles, locale)) for i in view.indicators if i.beside.basis]
    if not some:
        return []
    heads = (
        b.ColumnHead(view.info.indicator_title, width=2.8),
        b.ColumnHead(locale.text("Answer"), width=3.0),
    )
    rows = tuple(b.Row((b.cell(titled(i.code, i.title)), b.cell(answer))) for i, answer in some)
    return [b.Heading(locale.text("Answers"), 3), b.Table(heads, rows)]


def _statement(indicator: IndicatorView, titles: dict[str, str], locale: Locale) -> str:
    """Return whether a statement holds, and what it is read in."""
    if indicator.value is None:
        return "–"
    text = locale.text("yes") if indicator.value else locale.text("no")
    if "no_evidence" in indicator.remarks:
        return f"{titles[indicator.beside.basis]}: {locale.text('said to hold, without evidence')}"
    return f"{text}, {titles[indicator.beside.basis]}"


def _said(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return what sources say in words: of results, and of benchmarks as printed."""
    some = [(i, text) for i in view.indicators for text in _in_words(i, locale)]
    if not some:
        return []
    heads = (
        b.ColumnHead(view.info.indicator_title, width=2.2),
        b.ColumnHead(locale.text("What the source says"), width=4.0),
    )
    rows = tuple(b.Row((b.cell(f"{i.code} {i.title}"), b.cell(text))) for i, text in some)
    return [b.Heading(locale.text("In words"), 3), b.Table(heads, rows)]


def _in_words(indicator: IndicatorView, locale: Locale) -> list[str]:
    """Return what is said of an indicator."""
    found = [indicator.beside.text]
    if indicator.benchmark is not None:
        for title, text in (
            (locale.text("Benchmark"), indicator.benchmark.printed),
            (locale.text("Result"), indicator.benchmark.result_printed),
        ):
            found.append(f"{title}: {text}" if text else "")
    return [text for text in found if text]


def _notes(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return the notes of the data on single indicators."""
    some = [i for i in view.indicators if i.beside.note]
    if not some:
        return []
    heads = (
        b.ColumnHead(view.info.indicator_title, width=2.2),
        b.ColumnHead(locale.text("Note of the source"), width=4.0),
    )
    rows = tuple(b.Row((b.cell(titled(i.code, i.title)), b.cell(i.beside.note))) for i in some)
    return [b.Heading(locale.text("Notes of the source"), 3), b.Table(heads, rows)]


def _shown(shown: ShownValue, locale: Locale) -> b.Cell:
    """Return a variable as a cell."""
    if shown.value is None:
        return b.cell("–")
    return b.cell(with_unit(shown.value, shown.unit, locale), number=shown.value)
