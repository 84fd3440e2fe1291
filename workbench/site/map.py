"""The map of the cohort: each unit in the tone of its result, and what could not be joined."""

from __future__ import annotations

from collections import Counter
from typing import Any

from workbench.display.cohort.common import is_scored, main
from workbench.display.parts import locale_of, named, noun_of
from workbench.display.scales import score_text, tick_text
from workbench.display.sheet import ticks
from workbench.display.style import TONES, level_chip
from workbench.errors import DataError, Problem, Reason
from workbench.language import Locale, Message
from workbench.observations.tables import locate
from workbench.site.boundaries import Outlines, read_outlines
from workbench.site.rows import result_cell
from workbench.study import Study
from workbench.study.views import CohortView, NodeView

MOST_NAMED = 8
CLASSES = 5
# Light to dark in one hue, so that it reads in grey print and says nothing of good or bad.
SHADES = ("#DCE6EE", "#B3CBDD", "#84A9C6", "#5182AA", "#1B4F7A")


def map_of(study: Study, view: CohortView) -> dict[str, Any] | None:
    """Return the map with its legend and what could not be joined; None without boundaries.

    Parameters
    ----------
    study : Study
    view : CohortView

    Raises
    ------
    DataError
        If the boundary file can't be read, or none of its areas is a unit of the study.
    """
    spec, node = study.spec.boundaries, main(view)
    if spec is None:
        return None
    place = study.place("boundaries", "file")
    outlines = read_outlines(locate(study.root, spec.file), spec, place)
    codes = {str(code) for code in study.units.index}
    joined = codes & outlines.paths.keys()
    if not joined:
        first = sorted(outlines.paths)[0]
        what = Message("no area has the code of a unit")
        expected = Message("codes such as {code}", code=sorted(codes)[0])
        problem = Problem(Reason.UNIT_UNKNOWN, what, place, got=first, expected=expected)
        raise DataError(problem)
    locale = locale_of(view.info)
    classes = _classes(view, node, locale)
    areas = _areas(study, view, node, outlines, classes, locale)
    return {
        "width": outlines.width,
        "height": outlines.height,
        "areas": areas,
        "legend": _legend(areas, classes, codes, locale),
        "alt": _alt(view, node, areas, classes, len(joined), locale),
        "notes": _notes(study, view, outlines, codes, locale),
        "source": spec.source.in_(locale.tag) if spec.source else "",
    }


def _classes(view: CohortView, node: NodeView | None, locale: Locale) -> list[dict[str, Any]]:
    """Return the classes of the map, from the lowest or worst: key, colour, title, upper end."""
    if node is None:
        return []
    if any(row.levels.get(node.code) for row in view.rows):
        levels = view.info.scales[node.scale or ""]
        chips = [(level.id, level_chip(level)) for level in levels]
        return [
            {
                "key": key,
                "colour": TONES[c.tone],
                "title": c.title,
                "chip": [c.tone, c.shape, c.title],
            }
            for key, c in chips
        ]
    scores = [s for row in view.rows if (s := row.scores.get(node.code)) is not None]
    if not scores:
        return []
    inner = [t for t in ticks(min(scores), max(scores), CLASSES) if min(scores) < t < max(scores)]
    ends: list[float | None] = [*inner[: CLASSES - 1], None]
    found, low = [], None
    for index, high in enumerate(ends):
        shade = SHADES[round(index / max(len(ends) - 1, 1) * (len(SHADES) - 1))]
        found.append({"key": str(index), "colour": shade, "high": high,
                      "title": _span(node, low, high, locale)})  # fmt: skip
        low = high
    return found


def _span(node: NodeView, low: float | None, high: float | None, locale: Locale) -> str:
    """Return a class of scores in words."""
    texts = {"low": "", "high": ""}
    if low is not None:
        texts["low"] = tick_text(node, low, locale)
    if high is not None:
        texts["high"] = tick_text(node, high, locale)
    if low is None and high is None:
        return locale.text("any value")
    if low is None:
        return locale.text("less than {high}", **texts)
    if high is None:
        return locale.text("{low} or more", **texts)
    return locale.text("from {low} to less than {high}", **texts)


def _class_of(classes: list[dict[str, Any]], level: str | None, score: float | None) -> str:
    """Return the key of the class of a result; ``none`` for no result."""
    for entry in classes:
        if "chip" in entry:
            if entry["key"] == level:
                return str(entry["key"])
        elif score is not None and (entry["high"] is None or score < entry["high"]):
            return str(entry["key"])
    return "none"


def _areas(
    study: Study, view: CohortView, node: NodeView | None, outlines: Outlines,
    classes: list[dict[str, Any]], locale: Locale,
) -> list[dict[str, str]]:  # fmt: skip
    """Return each area with its class and what is said of it."""
    rows = {row.code: row for row in view.rows}
    scored = node is not None and is_scored(view, node)
    none = locale.text("No result")
    found = []
    for code, path in outlines.paths.items():
        if code not in study.names:
            found.append({"code": "", "class": "other", "path": path})
            continue
        key, said, row = "none", none, rows.get(code)
        if row is not None and node is not None:
            key = _class_of(classes, row.levels.get(node.code), row.scores.get(node.code))
            cell = result_cell(view, row, node, locale, scored=scored)
            words = [cell["chip"][2] if "chip" in cell else "", cell["text"]]
            said = " ".join(w for w in words if w) or none
            said = none if key == "none" and said == "–" else said
        name = study.names[code]
        found.append({"code": code, "class": key, "path": path, "name": name, "said": said})
    # Those of the study are drawn last, over the outlines of the others, and listed by code.
    return sorted(found, key=lambda a: (a["class"] != "other", a["code"]))


def _legend(
    areas: list[dict[str, str]], classes: list[dict[str, Any]], codes: set[str], locale: Locale
) -> list[dict[str, Any]]:
    """Return what the tones mean, and how many areas have each."""
    counts = Counter(a["class"] for a in areas)
    keys = [*classes, {"key": "none", "title": locale.text("No result")},
            {"key": "other", "title": locale.text("Not in the study")}]  # fmt: skip
    return [
        {
            **{k: v for k, v in entry.items() if k != "high"},
            "n": locale.integer(counts[entry["key"]]),
        }
        for entry in keys
        if counts[entry["key"]] or entry["key"] not in ("none", "other")
    ]


def _alt(
    view: CohortView, node: NodeView | None, areas: list[dict[str, str]],
    classes: list[dict[str, Any]], n: int, locale: Locale,
) -> str:  # fmt: skip
    """Return what the map says in its main numbers."""
    noun = noun_of(view.info)
    if node is None:
        return noun.text("Map of {n} {nouns}.", n=locale.integer(n))
    if is_scored(view, node):
        return noun.text(
            "Map of {title} in {n} {nouns}: {k} have a result, and their median is {median}. The "
            "darker, the higher.",
            title=node.title,
            n=locale.integer(n),
            k=locale.integer(node.n_units),
            median=score_text(node, node.cohort, locale),
        )
    counts = Counter(a["class"] for a in areas)
    titles = [(c["key"], c["title"]) for c in reversed(classes)]
    titles.append(("none", locale.text("No result")))
    told = [f"{title}: {locale.integer(counts[key])}" for key, title in titles if counts[key]]
    return noun.text(
        "Map of {title} in {n} {nouns} by level. {counts}.",
        title=node.title, n=locale.integer(n), counts="; ".join(told),
    )  # fmt: skip


def _notes(
    study: Study, view: CohortView, outlines: Outlines, codes: set[str], locale: Locale
) -> list[str]:
    """Return how many units have no boundary, and how many boundaries no unit."""
    noun = noun_of(view.info)
    names = study.names
    without = [names[code] for code in sorted(codes - outlines.paths.keys())]
    other = sorted(outlines.paths.keys() - codes)
    found = [
        noun.text(
            "Joined by code, as text: {k} of the {n} {nouns} of the study and {k} of the {m} "
            "boundaries of the file.",
            k=locale.integer(len(codes) - len(without)), n=locale.integer(len(codes)),
            m=locale.integer(len(outlines.paths)),
        )
    ]  # fmt: skip
    found.append(
        noun.count(
            "{n} {noun} has no boundary and is not on the map: {names}.",
            "{n} {nouns} have no boundary and are not on the map: {names}.",
            len(without), names=named(without, MOST_NAMED, locale),
        )
        if without
        else noun.text("Every {noun} has its boundary.")
    )  # fmt: skip
    found.append(
        locale.count(
            "{n} boundary belongs to none of the study: {names}.",
            "{n} boundaries belong to none of the study: {names}.",
            len(other), names=named(other, MOST_NAMED, locale),
        )
        if other
        else locale.text("No boundary is left over.")
    )  # fmt: skip
    found.append(locale.text("The outlines are simplified for the screen: they prove no border."))
    return found
