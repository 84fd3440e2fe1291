"""The instruments at hand, described for people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workbench.instruments import Instrument, load_instrument
from workbench.instruments.versions import VersionComparison, compare_versions
from workbench.language import as_locale, marked, translate
from workbench.specs.common import Text
from workbench.specs.instrument.document import Completeness
from workbench.study.project import find_instrument, list_instruments

COMPLETENESS: dict[Completeness, str] = {
    "published": marked("published"),
    "partial": marked("partial"),
    "outline": marked("outline"),
}
STATUS: dict[str, str] = {
    "published": marked("published"),
    "assumed": marked("assumed"),
    "recovered": marked("recovered"),
    "inferred": marked("inferred"),
    "unverified": marked("unverified"),
}


def instrument_rows(root: Path, tag: str) -> Iterator[tuple[object, ...]]:
    """Yield id, title, version, completeness, groups, indicators, assumed rules, publisher."""
    for path in list_instruments(root):
        instrument = load_instrument(path, f"data/instruments/{path.name}")
        spec = instrument.spec
        assumed = sum(a.status == "assumed" for a in instrument.assumptions)
        title = (spec.short_title or spec.title).in_(tag, spec.language)
        yield (
            spec.id, title, spec.version, translate(COMPLETENESS[spec.completeness], tag),
            len(instrument.groups), len(instrument.indicators), assumed,
            spec.publisher.in_(tag, spec.language),
        )  # fmt: skip


def describe_instrument(name: str, root: Path, tag: str) -> Iterator[str]:
    """Yield the lines that describe one instrument whole."""
    path, shown = find_instrument(name, root)
    yield from _lines(load_instrument(path, shown), tag)


def compare_instruments(older: str, newer: str, root: Path) -> VersionComparison:
    """Return two versions of an instrument side by side.

    Parameters
    ----------
    older, newer : str
        Ids, or paths.
    root : Path
        Project folder.
    """
    loaded = [load_instrument(*find_instrument(name, root)) for name in (older, newer)]
    return compare_versions(*loaded)


def _lines(instrument: Instrument, tag: str) -> Iterator[str]:
    """Yield title, counts, sources, assumptions, gaps, and the tree."""
    spec, locale = instrument.spec, as_locale(tag)

    def said(text: Text) -> str:
        return text.in_(tag, spec.language)

    yield f"{spec.id}: {said(spec.title)}"
    if spec.description:
        yield f"  {said(spec.description)}"
    yield "  " + locale.text(
        "publisher: {publisher}; version: {version}; completeness: {completeness}",
        publisher=said(spec.publisher), version=spec.version,
        completeness=locale.text(COMPLETENESS[spec.completeness]),
    )  # fmt: skip
    names = {tier.id: said(tier.plural) for tier in spec.tiers} | {
        "indicators": locale.text("indicators"),
        "elements": locale.text("elements"),
        "variables": locale.text("variables"),
    }
    counted = {names[name]: locale.integer(n) for name, n in instrument.counts.items() if n}
    yield "  " + "; ".join(f"{name}: {n}" for name, n in counted.items())
    yield locale.text("sources:")
    for source in spec.sources:
        yield f"  - {said(source.title)}" + (f" ({source.year})" if source.year else "")
    if instrument.assumptions:
        yield locale.text("rules that no source prints:")
        for status, reason in dict.fromkeys((a.status, a.reason) for a in instrument.assumptions):
            yield f"  - {locale.text(STATUS[status])}: {said(reason)}"
    if spec.gaps:
        yield locale.text("not known:")
        for gap in spec.gaps:
            yield f"  - {said(gap)}"
    yield locale.text("tree:")
    for depth, node in instrument.walk():
        yield f"  {'  ' * depth}{node.code}  {instrument.title(node.code, tag)}"
