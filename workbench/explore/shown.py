"""What an exploration says: sections without widgets, which stand in an exported notebook too."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from workbench.display import blocks as b
from workbench.display.parts import noun_of
from workbench.display.place_figures import Place, places
from workbench.display.style import level_chip
from workbench.explore.exploration import Exploration
from workbench.explore.ranges import DRAWS, SHARE, WEIGHT_SHARE
from workbench.language import Locale, Message
from workbench.scoring.states import NO_LEVEL
from workbench.study.views import LevelInfo

FIRST = 10
AROUND = 4  # neighbours above and below in the picture of a profile
DASH = "–"


def place_text(locale: Locale, row: Any) -> str:
    """Return a place with its range, never without: *3 (2–5)*; a dash where there is none."""
    place, low, high = (float(row[name]) for name in ("place", "low", "high"))
    if math.isnan(place) or math.isnan(low):
        return DASH
    ends = f"{locale.integer(low)}–{locale.integer(high)}"
    return f"{locale.integer(place)} ({ends})"


def summary(seen: Exploration) -> b.Section:
    """Return what is looked at, and what the choices moved."""
    blocks: list[b.Block | None] = [
        b.Paragraph(b.as_rich(_headline(seen)), "lead"),
        _moved(seen),
        _levels(seen),
        b.Paragraph(b.as_rich(basis_text(seen)), "note"),
    ]
    return b.Section(blocks, seen.locale.tag, seen.base.foreign)


def _headline(seen: Exploration) -> str:
    """Return the result, the wave and how many units there are."""
    noun = noun_of(seen.info)
    wave = next(w for w in seen.base.spec.waves if w.id == seen.wave)
    title = wave.title.in_(seen.locale.tag) if wave.title else wave.id
    return noun.count(
        "{result}, {wave}: {n} {noun}.",
        "{result}, {wave}: {n} {nouns}.",
        len(seen.rows),
        result=seen.title(seen.node),
        wave=title,
    )


def _moved(seen: Exploration) -> b.Block | None:
    """Return how many places moved, and which moved most."""
    locale, table = seen.locale, seen.table
    if not seen.is_changed:
        return b.Paragraph(b.as_rich(locale.text("The choices are those of the study's file.")))
    if not seen.basis:
        return b.Paragraph(
            b.as_rich(locale.text("The choices are other than in the study's file."))
        )
    moved = table.loc[table["moved"].fillna(0) != 0]
    said = noun_of(seen.info).count(
        "With other choices than in the study's file, {n} {noun} moves.",
        "With other choices than in the study's file, {n} {nouns} move.",
        len(moved),
    )
    if moved.empty:
        return b.Paragraph(b.as_rich(said))
    most = moved.iloc[int(np.argmax(moved["moved"].abs()))]
    far = locale.text(
        "Most of all {name}: from place {before} to {now}.",
        name=most["name"],
        before=locale.integer(most["place_before"]),
        now=place_text(locale, most),
    )
    return b.Paragraph(b.as_rich(f"{said} {far}"))


def _levels(seen: Exploration) -> b.Table | None:
    """Return how many units have each level, before and now."""
    if not seen.levels:
        return None
    locale = seen.locale
    heads = (
        b.ColumnHead(locale.text("Level"), width=2.0),
        b.ColumnHead(locale.text("In the study's file"), "right"),
        b.ColumnHead(locale.text("With these choices"), "right"),
    )
    both = zip(seen.level_counts("level_before"), seen.level_counts(), strict=True)
    rows = [
        b.Row(
            (b.cell(chip=level_chip(level)), *(b.cell(locale.integer(n), number=n) for n in pair))
        )
        for level, pair in zip(seen.levels, both, strict=True)
    ]
    return b.Table(heads, tuple(rows))


def basis_text(seen: Exploration) -> str:
    """Return what the range of a place rests on, or why no place is shown."""
    locale = seen.locale
    if not seen.has_places:
        return locale.text("The result is a level: there are no places, only levels.")
    if seen.basis == "weights":
        return locale.text(
            "Range of a place: the middle {share} of {draws} draws in which each weight that is "
            "free lies up to {reach} above or below the one chosen. The audit varies every choice.",
            share=locale.percent(100 * SHARE, 0),
            draws=locale.integer(DRAWS),
            reach=locale.percent(100 * WEIGHT_SHARE, 0),
        )
    if seen.basis == "data":
        return locale.text(
            "Range of a place: the places that missing data leave open. No range over weights is "
            "given: {reason}.",
            reason=seen.ranges.text(locale.tag) if isinstance(seen.ranges, Message) else "",
        )
    return locale.text(
        "No places are shown: what missing data could change is not known of bare results, and no "
        "place is shown without its range."
    )


def freedom_text(seen: Exploration) -> list[str]:
    """Return what the instrument does not leave free, in words; empty where all is."""
    locale, said = seen.locale, []
    free = seen.freedom(seen.node)
    title = seen.title(seen.node)
    for what, reason in (
        (locale.text("Weights"), free.weights),
        (locale.text("Kind of mean"), free.aggregate),
        (locale.text("Missing data"), free.min_availability),
    ):
        if reason is not None:
            said.append(
                locale.text(
                    "{what} of {title}: {reason}.",
                    what=what,
                    title=title,
                    reason=reason.text(locale.tag),
                )
            )
    if seen.scale_fixed is not None:
        said.append(
            locale.text(
                "Scale of the indicators: {reason}.", reason=seen.scale_fixed.text(locale.tag)
            )
        )
    return said


def what_is_free(seen: Exploration) -> b.Callout | None:
    """Return what the instrument does not leave free, set apart."""
    said = freedom_text(seen)
    if not said:
        return None
    title = seen.locale.text("What the instrument does not leave free")
    return b.Callout("info", title, tuple(b.as_rich(text) for text in said))


def overview(seen: Exploration, *, first: int = FIRST) -> b.Section:
    """Return the essentials without any control: what is looked at and the first places.

    Parameters
    ----------
    seen : Exploration
    first : int
        Rows of the table.
    """
    study = seen.base.spec.title.in_(seen.locale.tag)
    example = seen.locale.text("Fictitious data") if seen.info.example else ""
    blocks: list[b.Block | None] = [
        b.Heading(study, 1),
        b.Callout("example", example, ()) if example else None,
        *summary(seen).blocks,
        what_is_free(seen),
        _first(seen, first),
    ]
    return b.Section(blocks, seen.locale.tag, seen.base.foreign)


def _first(seen: Exploration, first: int) -> b.Table:
    """Return the first units as a table."""
    locale, table = seen.locale, seen.table.head(first)
    heads = [b.ColumnHead(noun_of(seen.info).title, width=2.4)]
    if seen.basis:
        heads.append(b.ColumnHead(locale.text("Place and range"), "right"))
    if seen.has_places:
        heads.append(b.ColumnHead(locale.text("Score"), "right"))
    if seen.levels:
        heads.append(b.ColumnHead(locale.text("Level"), width=1.4))
    rows = []
    for row in table.to_dict("records"):
        cells = [b.cell(str(row["name"]))]
        if seen.basis:
            cells.append(b.cell(place_text(locale, row)))
        if seen.has_places:
            cells.append(_score(seen, seen.node, float(row["score"])))
        if seen.levels:
            cells.append(_level(seen.levels, int(row["level"])))
        rows.append(b.Row(tuple(cells)))
    caption = locale.text(
        "First {n} of {all}", n=locale.integer(len(table)), all=locale.integer(len(seen.table))
    )
    return b.Table(tuple(heads), tuple(rows), caption)


def _score(seen: Exploration, code: str, score: float) -> b.Cell:
    """Return a score as it is printed."""
    if np.isnan(score):
        return b.cell(DASH)
    text = seen.locale.number(score, seen.base.instrument.decimals(code))
    return b.cell(text, number=score)


def _level(levels: tuple[LevelInfo, ...], place: int) -> b.Cell:
    """Return a level as a chip; a dash for none."""
    return b.cell(DASH) if place == NO_LEVEL else b.cell(chip=level_chip(levels[place]))


# -- one unit, and two -------------------------------------------------------------------------


def profile(seen: Exploration, unit: str) -> b.Section:
    """Return one unit under the choices: result, place among its neighbours, and its parts.

    Raises
    ------
    DataError
        If there is no such unit.
    """
    code, locale = seen.base.unit_code(unit), seen.locale
    if code not in seen.table.index:
        return b.Section([b.Paragraph(b.as_rich(_not_here(seen, code)))], locale.tag)
    row = seen.table.loc[code]
    blocks: list[b.Block | None] = [
        b.Heading(str(row["name"])),
        b.Paragraph(b.as_rich(_where(seen, row)), "lead"),
        _neighbours(seen, code),
        _parts(seen, (code,)),
    ]
    return b.Section(blocks, locale.tag, seen.base.foreign)


def pair(seen: Exploration, one: str, other: str) -> b.Section:
    """Return two units side by side, part by part.

    Raises
    ------
    DataError
        If there is no such unit.
    """
    codes = tuple(seen.base.unit_code(u) for u in (one, other))
    locale = seen.locale
    missing = [c for c in codes if c not in seen.table.index]
    if missing:
        said: list[b.Block] = [b.Paragraph(b.as_rich(_not_here(seen, c))) for c in missing]
        return b.Section(said, locale.tag)
    names = [str(seen.table.loc[c, "name"]) for c in codes]
    title = locale.text("{one} beside {other}", one=names[0], other=names[1])
    said = [b.Paragraph(b.as_rich(_where(seen, seen.table.loc[c]))) for c in codes]
    return b.Section([b.Heading(title), *said, _parts(seen, codes)], locale.tag, seen.base.foreign)


def _not_here(seen: Exploration, unit: str) -> str:
    """Return that a unit is not among those looked at."""
    return seen.locale.text(
        "{name} was not observed in this wave, or is not in this cohort.",
        name=seen.base.names.get(unit, unit),
    )


def _where(seen: Exploration, row: Any) -> str:
    """Return where a unit stands, in a sentence."""
    locale = seen.locale
    name, score, level = (row[x] for x in ("name", "score", "level"))
    said = f"{name}: "
    if seen.has_places:
        said += _score(seen, seen.node, float(score)).plain()
    if seen.levels and int(level) != NO_LEVEL:
        said += (", " if seen.has_places else "") + seen.levels[int(level)].title
    if seen.basis and not math.isnan(float(row["place"])):
        n = int(seen.table["place"].notna().sum())
        said += ". " + locale.text(
            "Place {place} of {all}", place=place_text(locale, row), all=locale.integer(n)
        )
    return f"{said}."


def _neighbours(seen: Exploration, unit: str) -> b.Figure | None:
    """Return the places around a unit with their ranges."""
    there = seen.table.loc[seen.table["place"].notna()]
    if unit not in there.index or len(there) < 3:
        return None
    at = list(there.index).index(unit)
    start = max(0, min(at - AROUND, len(there) - 2 * AROUND - 1))
    some = there.iloc[start : start + 2 * AROUND + 1].to_dict("records")
    rows = [Place(str(r["name"]), int(r["place"]), int(r["low"]), int(r["high"])) for r in some]
    locale, own = seen.locale, there.loc[unit]
    alt = locale.text(
        "{name} has place {place}; with the places around it.",
        name=own["name"],
        place=place_text(locale, own),
    )
    heads = (
        b.ColumnHead(noun_of(seen.info).title, width=2.4),
        b.ColumnHead(locale.text("Place and range"), "right"),
    )
    lines = tuple(b.Row((b.cell(str(r["name"])), b.cell(place_text(locale, r)))) for r in some)
    ends = min(r.low for r in rows), max(r.high for r in rows)
    return b.Figure(places(rows, locale, ends=ends), alt, alt, b.Table(heads, lines))


def _parts(seen: Exploration, units: tuple[str, ...]) -> b.Table:
    """Return result, groups and indicators of one unit or two, row by row."""
    locale, instrument = seen.locale, seen.base.instrument
    names = [str(seen.table.loc[u, "name"]) for u in units]
    several = len(units) > 1
    heads = [b.ColumnHead(locale.text("Part"), width=2.6)]
    for name in names:
        heads.append(b.ColumnHead(name if several else locale.text("Score"), "right"))
        heads.append(b.ColumnHead(locale.text("Level")))
    rows = []
    for depth, node in instrument.walk(seen.node):
        cells = [b.cell(seen.title(node.code))]
        for unit in units:
            cells += _of_unit(seen, node.code, unit)
        if any(cell.plain() not in ("", DASH) for cell in cells[1:]):
            rows.append(b.Row(tuple(cells), depth, not node.is_indicator))
    if not any(row.cells[2 * i].plain() for row in rows for i in range(1, len(units) + 1)):
        keep = [0, *(1 + 2 * i for i in range(len(units)))]
        heads = [heads[i] for i in keep]
        rows = [b.Row(tuple(r.cells[i] for i in keep), r.depth, r.strong) for r in rows]
    return b.Table(tuple(heads), tuple(rows))


def _of_unit(seen: Exploration, code: str, unit: str) -> list[b.Cell]:
    """Return the score and the level of a node for a unit; where it has none, why."""
    study = seen.study
    row = study.scores.row(unit, seen.wave)
    result = study.scores.results[code]
    scale = seen.base.instrument.nodes[code].scale
    levels = seen.info.scales.get(scale, ()) if scale else ()
    place = int(result.level[row])
    score = float(result.score[row])
    level = b.cell() if place == NO_LEVEL or not levels else _level(levels, place)
    if np.isnan(score) and place == NO_LEVEL:
        state = result.status(row)
        return [b.cell(seen.info.states.get(state, DASH)), level]
    return [_score(seen, code, score), level]
