"""Two versions of an instrument side by side, for a notebook or the terminal."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.instruments import Instrument
from workbench.instruments.versions import Correspondence, VersionComparison, What
from workbench.language import Locale, as_locale, marked
from workbench.study.foreign import foreign_of

WHAT: dict[What, str] = {
    "same": marked("the same"),
    "changed": marked("the rule changed"),
    "merged": marked("several became one"),
    "split": marked("one became several"),
    "added": marked("added"),
    "removed": marked("removed"),
    "unknown": marked("not known"),
}
FIELDS = {
    "kind": marked("kind"), "formula": marked("formula"), "variables": marked("variables"),
    "elements": marked("elements"), "options": marked("answers"), "levels": marked("levels"),
    "scale": marked("scale"), "aggregate": marked("rule"), "table": marked("conversion table"),
    "parts": marked("what it is made of"), "normalise": marked("normalisation"),
    "unit": marked("unit"), "direction": marked("direction"), "lookups": marked("tables"),
    "minimum": marked("limits"), "maximum": marked("limits"), "basis": marked("norm or practice"),
}  # fmt: skip


def versions(found: VersionComparison, locale: str = "en") -> b.Section:
    """Return two versions of an instrument side by side: counts, and what corresponds to what.

    Parameters
    ----------
    found : VersionComparison
    locale : str
        Language and country of the texts.
    """
    speaker = as_locale(locale)
    older, newer = (_name(i, speaker) for i in (found.older, found.newer))
    title = speaker.text("{older} and {newer}", older=older, newer=newer)
    blocks: list[b.Block | None] = [b.Heading(title), _counts(found, speaker)]
    blocks += _declared(found, speaker)
    for groups, name in ((True, speaker.text("Groups")), (False, _leaves(found.newer, speaker))):
        some = [p for p in found.parts if found.is_group(p) is groups]
        known = [p for p in some if p.what != "unknown"]
        unknown = _unknown([p for p in some if p.what == "unknown"], speaker)
        if known or unknown:
            blocks.append(b.Heading(name, 3))
            blocks.append(_table(found, known, speaker) if known else None)
            blocks.append(unknown)
    foreign = foreign_of(found.older, speaker.tag) | foreign_of(found.newer, speaker.tag)
    return b.Section(blocks, speaker.tag, foreign)


def _name(instrument: Instrument, locale: Locale) -> str:
    """Return the short title of an instrument."""
    spec = instrument.spec
    return (spec.short_title or spec.title).in_(locale.tag, spec.language)


def _plural(instrument: Instrument, tier: str, locale: Locale) -> str:
    """Return the name of a kind of group, plural."""
    spec = next(t for t in instrument.spec.tiers if t.id == tier)
    return spec.plural.in_(locale.tag, instrument.spec.language)


def _leaves(instrument: Instrument, locale: Locale) -> str:
    """Return the name of the indicators of an instrument, plural."""
    named = instrument.text(instrument.spec.indicator_plural, locale.tag)
    return named or locale.text("Indicators")


def _counts(found: VersionComparison, locale: Locale) -> b.Table:
    """Return how many groups of each kind and indicators the two versions have."""
    sides = (found.older, found.newer)
    # Versions may call a kind of group by another id; the reader knows it by its name.
    named = [
        {_plural(side, t.id, locale): side.counts[t.id] for t in side.spec.tiers} for side in sides
    ]
    titles = dict.fromkeys(title for counts in named for title in counts)
    rows = [(title, [counts.get(title, 0) for counts in named]) for title in titles]
    rows.append((_leaves(found.newer, locale), [len(side.indicators) for side in sides]))
    heads = (
        b.ColumnHead(locale.text("How many"), width=2.0),
        *(b.ColumnHead(f"{_name(side, locale)} ({side.spec.version})", "right") for side in sides),
    )
    return b.Table(
        heads,
        tuple(
            b.Row(
                (
                    b.cell(title),
                    *(b.cell(locale.integer(n) if n else "–", number=n) for n in counts),
                )
            )
            for title, counts in rows
        ),
    )


def _declared(found: VersionComparison, locale: Locale) -> list[b.Block | None]:
    """Return what the versions declare of each other, how sure it is, and what it says."""
    if found.link is None:
        text = locale.text("Neither version declares what of it corresponds to what in the other.")
        return [b.Paragraph(b.as_rich(text))]
    language = found.newer.spec.language
    texts = [t.in_(locale.tag, language) for t in (found.link.note, found.link.reason) if t]
    return [b.Paragraph(b.as_rich(text)) for text in texts]


def _table(found: VersionComparison, some: list[Correspondence], locale: Locale) -> b.Table:
    """Return correspondences, one a row."""
    heads = (
        b.ColumnHead(_name(found.older, locale), width=2.4),
        b.ColumnHead(_name(found.newer, locale), width=2.4),
        b.ColumnHead(locale.text("What became of it"), width=1.6),
        b.ColumnHead(locale.text("Comparable"), width=1.0),
        b.ColumnHead(locale.text("What differs"), width=2.2),
    )
    yes, no = locale.text("yes"), locale.text("no")
    rows = tuple(
        b.Row(
            (
                b.cell(_titles(found.older, part.before, locale)),
                b.cell(_titles(found.newer, part.now, locale)),
                b.cell(_what(part, locale)),
                b.cell((yes if part.comparable else no) if part.before and part.now else "–"),
                b.cell(_why(found, part, locale)),
            )
        )
        for part in some
    )
    return b.Table(heads, rows)


def _what(part: Correspondence, locale: Locale) -> str:
    """Return what became of a part."""
    if part.what == "same" and not part.comparable:
        return locale.text("corresponds")
    return locale.text(WHAT[part.what])


def _titles(instrument: Instrument, codes: tuple[str, ...], locale: Locale) -> str:
    """Return codes with their titles, a dash for none."""
    return "; ".join(f"{c} {instrument.title(c, locale.tag)}" for c in codes) or "–"


def _why(found: VersionComparison, part: Correspondence, locale: Locale) -> str:
    """Return the fields in which the rules differ, and the note of the definition."""
    fields = [locale.text(FIELDS[f]) if f in FIELDS else f for f in part.differs]
    said = [", ".join(dict.fromkeys(fields))] if fields else []
    if part.note is not None:
        said.append(part.note.in_(locale.tag, found.newer.spec.language))
    return "; ".join(said)


def _unknown(some: list[Correspondence], locale: Locale) -> b.Paragraph | None:
    """Return of how many parts it is not known what became of them."""
    if not some:
        return None
    text = locale.text(
        "Of {before} in the older version and {now} in the newer one no source says which "
        "correspond, came, went or changed.",
        before=locale.integer(sum(bool(p.before) for p in some)),
        now=locale.integer(sum(bool(p.now) for p in some)),
    )
    return b.Paragraph(b.as_rich(text))
