"""The instruments at hand, described for people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workbench.instruments import Instrument, load_instrument
from workbench.instruments.versions import VersionComparison, compare_versions
from workbench.study.project import find_instrument, list_instruments


def instrument_rows(root: Path, tag: str) -> Iterator[tuple[object, ...]]:
    """Yield id, title, version, completeness, groups, indicators, assumed rules, publisher."""
    for path in list_instruments(root):
        instrument = load_instrument(path, f"data/instruments/{path.name}")
        spec = instrument.spec
        assumed = sum(a.status == "assumed" for a in instrument.assumptions)
        title = (spec.short_title or spec.title).in_(tag, spec.language)
        yield (
            spec.id, title, spec.version, spec.completeness, len(instrument.groups),
            len(instrument.indicators), assumed, spec.publisher.in_(tag, spec.language),
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
    spec = instrument.spec
    yield f"{spec.id}: {spec.title.in_(tag, spec.language)}"
    if spec.description:
        yield f"  {spec.description.in_(tag, spec.language)}"
    publisher = spec.publisher.in_(tag, spec.language)
    yield f"  publisher: {publisher}; version: {spec.version}; completeness: {spec.completeness}"
    yield "  " + ", ".join(f"{n} {name}" for name, n in instrument.counts.items() if n)
    yield "sources:"
    for source in spec.sources:
        title = source.title.in_(tag, spec.language)
        yield f"  - {title}" + (f" ({source.year})" if source.year else "")
    if instrument.assumptions:
        yield "rules that no source prints:"
        for status, reason in dict.fromkeys((a.status, a.reason) for a in instrument.assumptions):
            yield f"  - {status}: {reason.in_(tag, spec.language)}"
    if spec.gaps:
        yield "not known:"
        for gap in spec.gaps:
            yield f"  - {gap.in_(tag, spec.language)}"
    yield "tree:"
    for depth, node in instrument.walk():
        yield f"  {'  ' * depth}{node.code}  {instrument.title(node.code, tag)}"
