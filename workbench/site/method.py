"""The method of an instrument on one page: structure, weights, rules, cut-points, assumptions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.display import blocks as b
from workbench.display.parts import sentence
from workbench.display.rules import NORMALISERS, RULES
from workbench.display.style import state_chip
from workbench.display.values import titled
from workbench.instruments import Instrument, Node
from workbench.instruments.model import parts_of
from workbench.language import Locale, marked
from workbench.language.messages import NO_VALUE
from workbench.specs.common import Source, Text
from workbench.specs.instrument import Cuts

MARK = " ‡"
STRONG = 2  # groups no deeper than this stand out
# Means in which the weight of a part counts.
WEIGHTED = ("arithmetic", "geometric", "harmonic", "power", "sum", "copeland")
LEVEL_RULES = {
    "weakest_link": marked("the lowest of its parts, with a plus if any other is higher"),
    "lookup_table": marked("conversion table of the levels of its parts"),
    "single": marked("level of its only part"),
    "conditions": marked("the best level whose conditions all hold"),
    "none": marked("none: its parts stand side by side"),
}
EFFECTS = {
    "not_available": marked("stays in the denominator"),
    "not_measurable": marked("leaves the denominator"),
    "not_applicable": marked("leaves the denominator"),
    "insufficient": marked("counts as the lowest level"),
}
STATUSES = {
    "assumed": marked("assumed: no source states it"),
    "recovered": marked("recovered from published results"),
    "inferred": marked("read from the wording"),
    "unverified": marked("not yet compared with the printed source"),
}
KINDS = {
    "score": marked("score from {low} to {high}"),
    "points": marked("points"),
    "grade": marked("level given by who assesses"),
    "output": marked("level given by who assesses"),
    "category": marked("one of several options"),
    "statement": marked("holds or does not hold"),
    "benchmark": marked("result beside its benchmark"),
    "measure": marked("number as it is given"),
}


class _Page:
    """Writes the texts of one instrument in one language."""

    def __init__(self, instrument: Instrument, locale: Locale) -> None:
        self.instrument, self.locale = instrument, locale
        self.levels = {
            scale.id: {level.id: self.say(level.title) for level in scale.levels}
            for scale in instrument.spec.scales
        }

    def say(self, text: Text | None) -> str:
        """Return a text of the instrument."""
        return self.instrument.text(text, self.locale.tag)

    def assumed(self, node: Node) -> bool:
        """Return whether something of a node rests on a rule that no source prints."""
        places = [f"{place}." for place in (node.path, node.aggregate_path) if place]
        return any(f"{a.path}.".startswith(tuple(places)) for a in self.instrument.assumptions)


def method_of(instrument: Instrument, locale: Locale) -> list[b.Block]:
    """Return the method of an instrument.

    Parameters
    ----------
    instrument : Instrument
    locale : Locale
    """
    page, spec = _Page(instrument, locale), instrument.spec
    found: list[b.Block] = []
    if spec.description:
        found.append(b.Paragraph(b.as_rich(page.say(spec.description)), "lead"))
    found += [
        _facts(page),
        b.Heading(locale.text("Structure, weights and rules")),
        _structure(page),
    ]
    if any(node.cuts is not None and node.cuts.bands for node in instrument.nodes.values()):
        said = locale.text(
            "Cut-points are as the instrument file has them: value is the result, of a list how "
            "many elements are met, and n how many are asked for."
        )
        found.append(b.Paragraph(b.as_rich(said), "note"))
    if instrument.assumptions:
        said = locale.text("‡ rests on a rule that no source prints; these are listed below.")
        found.append(b.Paragraph(b.as_rich(said), "note"))
    found += [*_levels(page), *_states(page), *_asked(page), *_assumptions(page)]
    if spec.gaps:
        found.append(b.Heading(locale.text("What the instrument leaves open")))
        found.append(b.Bullets(tuple(b.as_rich(sentence(page.say(g))) for g in spec.gaps)))
    found.append(b.Heading(locale.text("Sources of the method")))
    found.append(b.Bullets(tuple(_source(page, s) for s in spec.sources)))
    return found


def rules_in_words(instrument: Instrument, locale: Locale) -> dict[str, tuple[str, str]]:
    """Return how the result of each node is made, and its cut-points, by code."""
    page = _Page(instrument, locale)
    return {
        code: (sentence("; ".join(_rules(page, node))), _cuts(page, node.cuts))
        for code, node in instrument.nodes.items()
    }


def _facts(page: _Page) -> b.Table:
    """Return which instrument it is."""
    locale, spec = page.locale, page.instrument.spec
    rows = [
        (locale.text("Publisher"), page.say(spec.publisher)),
        (locale.text("Instrument"), f"{spec.id}, {locale.text('version')} {spec.version}"),
        (locale.text("File"), page.instrument.name),
        ("SHA-256", page.instrument.sha256),
    ]
    if spec.completeness_note:
        rows.append((locale.text("What is known of it"), page.say(spec.completeness_note)))
    heads = (b.ColumnHead(locale.text("What")), b.ColumnHead(locale.text("Which"), width=3.0))
    return b.Table(heads, tuple(b.Row((b.cell(k), b.cell(v))) for k, v in rows))


def _structure(page: _Page) -> b.Table:
    """Return every node with its weight in its group, its rule and its cut-points."""
    locale = page.locale
    above: list[Node] = []
    rows = []
    for depth, node in page.instrument.walk():
        del above[depth:]
        parent = above[-1] if above else None
        above.append(node)
        title = page.instrument.title(node.code, locale.tag)
        mark = MARK if page.assumed(node) else ""
        cells = (
            b.cell(titled(node.code, title) + mark),
            b.cell(_weight(page, node, parent)),
            b.cell(sentence("; ".join(_rules(page, node)))),
            b.cell(_cuts(page, node.cuts)),
        )
        rows.append(b.Row(cells, depth, strong=not node.is_indicator and depth < STRONG))
    heads = (
        b.ColumnHead(locale.text("Part"), width=2.6),
        b.ColumnHead(locale.text("Weight in its group"), "right", 0.9),
        b.ColumnHead(locale.text("How its result is made"), width=2.2),
        b.ColumnHead(locale.text("Levels by cut-points"), width=2.2),
    )
    kept = [k for k in range(len(heads)) if any(row.cells[k].plain() != NO_VALUE for row in rows)]
    return b.Table(
        tuple(heads[k] for k in kept),
        tuple(b.Row(tuple(r.cells[k] for k in kept), r.depth, r.strong) for r in rows),
    )


def _weight(page: _Page, node: Node, parent: Node | None) -> str:
    """Return the weight of a part among its siblings in percent; a dash where none counts."""
    rule = parent.aggregate if parent is not None else None
    if parent is None or rule is None or rule.method not in WEIGHTED:
        return NO_VALUE
    if getattr(rule, "weights", "given") == "unknown":
        return page.locale.text("not known")
    formula = node.weight_formula(parent.code)
    weights = [page.instrument.nodes[c].weight_under(parent.code) for c in parent.children]
    if formula is not None or any(w != w for w in weights) or not sum(weights):
        return (
            formula.source
            if formula is not None
            else page.locale.exact(node.weight_under(parent.code))
        )
    return page.locale.percent(100 * node.weight_under(parent.code) / sum(weights), 1)


def _rules(page: _Page, node: Node) -> Iterator[str]:
    """Yield how the result of a node is made."""
    if node.is_indicator:
        yield from _indicator(page, node)
    else:
        yield from _group(page, node)
    normalise: Any = node.spec.normalise
    if normalise is not None:
        word = NORMALISERS.get(normalise.method)
        said = page.locale.text(word) if word else str(normalise.method)
        yield page.locale.text("brought to one scale: {how}", how=said)
    if node.spec.direction == -1:
        yield page.locale.text("less is better")


def _group(page: _Page, node: Node) -> Iterator[str]:
    """Yield how a group is made of its parts."""
    rule: Any = node.aggregate
    if rule is None:
        return
    locale = page.locale
    if rule.method == "share_of_level":
        yield locale.text(
            "share of the indicators below at {level} or better",
            level=page.levels[rule.scale][rule.level],
        )
    elif rule.method == "formula":
        yield rule.formula
    elif rule.method in LEVEL_RULES:
        yield locale.text(LEVEL_RULES[rule.method])
    else:
        yield locale.text(RULES[rule.method]) if rule.method in RULES else str(rule.method)
    least = getattr(rule, "min_availability", None)
    if least:
        yield locale.text(
            "at least {share} of the weight must be known", share=locale.percent(100 * least, 0)
        )


def _indicator(page: _Page, node: Node) -> Iterator[str]:
    """Yield what is read of an indicator."""
    spec: Any = node.spec
    locale, unit = page.locale, page.say(getattr(spec, "unit", None))
    if node.kind == "checklist":
        yield locale.count(
            "{n} element is asked for", "{n} elements are asked for", len(spec.elements)
        )
        if spec.gate:
            yield page.say(spec.gate.title)
    elif getattr(spec, "formula", None):
        yield f"{spec.formula} ({unit})" if unit else spec.formula
    elif node.kind in KINDS:
        low, high = getattr(spec, "minimum", None), getattr(spec, "maximum", None)
        said = locale.text(KINDS[node.kind], low=locale.exact(low), high=locale.exact(high))
        yield f"{said} ({unit})" if unit else said
    else:
        yield node.kind


def _cuts(page: _Page, cuts: Cuts | None) -> str:
    """Return the cut-points of a node as written: *Óptimo: >= 80*."""
    if cuts is None:
        return NO_VALUE
    if cuts.strata is not None:
        return page.locale.text("cut by the data: {method}", method=cuts.strata.method)
    titles = page.levels[cuts.scale]
    found = []
    for band in cuts.bands:
        word = titles[band.level] if band.level else str(band.state)
        found.append(f"{word}: {band.when}")
    return "; ".join(found)


def _levels(page: _Page) -> list[b.Block]:
    """Return the scales with their levels, worst first."""
    spec, locale = page.instrument.spec, page.locale
    if not spec.scales:
        return []
    rows = [
        b.Row((
            b.cell(page.say(scale.title) or scale.id),
            b.cell(", ".join(page.levels[scale.id].values())),
        ))
        for scale in spec.scales
    ]  # fmt: skip
    heads = (
        b.ColumnHead(locale.text("Scale")),
        b.ColumnHead(locale.text("Levels, worst first"), width=3.0),
    )
    return [b.Heading(locale.text("Levels")), b.Table(heads, tuple(rows))]


def _states(page: _Page) -> list[b.Block]:
    """Return the reasons why there is no value, and what each does."""
    spec, locale = page.instrument.spec, page.locale
    if not spec.states:
        return []
    rows = [
        b.Row((
            b.cell(chip=state_chip(s.effect, page.say(s.title))),
            b.cell(locale.text(EFFECTS[s.effect])),
        ))
        for s in spec.states
    ]  # fmt: skip
    heads = (
        b.ColumnHead(locale.text("State")),
        b.ColumnHead(locale.text("What it does"), width=3.0),
    )
    return [b.Heading(locale.text("If there is no value")), b.Table(heads, tuple(rows))]


def _asked(page: _Page) -> list[b.Block]:
    """Return the elements and variables of the indicators."""
    locale = page.locale
    rows = []
    for code in page.instrument.indicators:
        for _, part in parts_of(page.instrument.nodes[code].spec):
            unit = page.say(getattr(part, "unit", None))
            title = page.say(part.title)
            cells = (b.cell(f"{code}.{part.id}"), b.cell(f"{title} ({unit})" if unit else title))
            rows.append(b.Row(cells))
    if not rows:
        return []
    heads = (
        b.ColumnHead(locale.text("Code")),
        b.ColumnHead(locale.text("What is asked"), width=5.0),
    )
    return [b.Heading(locale.text("Elements and variables")), b.Table(heads, tuple(rows))]


def _assumptions(page: _Page) -> list[b.Block]:
    """Return the rules that no source prints, each once with where it is used."""
    locale, instrument = page.locale, page.instrument
    where: dict[tuple[str, str], list[str]] = {}
    for a in instrument.assumptions:
        nodes = [n for n in instrument.nodes.values() if f"{a.path}.".startswith(f"{n.path}.")]
        place = nodes[0].code if nodes else a.path
        where.setdefault((a.status, page.say(a.reason)), []).append(place)
    if not where:
        return []
    rows = [
        b.Row((
            b.cell(locale.text(STATUSES[status])),
            b.cell(sentence(reason)),
            b.cell(", ".join(dict.fromkeys(places))),
        ))
        for (status, reason), places in where.items()
    ]  # fmt: skip
    heads = (
        b.ColumnHead(locale.text("Status")),
        b.ColumnHead(locale.text("Rule"), width=3.0),
        b.ColumnHead(locale.text("Where"), width=1.4),
    )
    return [b.Heading(locale.text("Rules that no source prints")), b.Table(heads, tuple(rows))]


def _source(page: _Page, source: Source) -> b.Rich:
    """Return a source in one line."""
    parts = [page.say(source.publisher), page.say(source.title), str(source.year or "")]
    line = sentence(". ".join(p for p in parts if p))
    return b.as_rich(" ".join(t for t in (line, source.url or "", page.say(source.note)) if t))
