"""A measurement with another version of the instrument, beside that of the report."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.comparison import counts_sentence, moved_table, moves_table
from workbench.display.parts import locale_of, noun_of
from workbench.language import Locale, marked_plural
from workbench.study.change_views import CohortVersion, LeftOut, VersionResult, VersionView
from workbench.study.views import StudyInfo

MOST_NAMED = 12
LEFT_OUT = {
    "changed": marked_plural("{n} whose rule changed", "{n} whose rules changed"),
    "merged": marked_plural("{n} made of several", "{n} made of several each"),
    "split": marked_plural("{n} split in several", "{n} split in several each"),
    "added": marked_plural("{n} that is new", "{n} that are new"),
    "removed": marked_plural("{n} no longer asked for", "{n} no longer asked for"),
    "unknown": marked_plural(
        "{n} of which no source says what it corresponds to",
        "{n} of which no source says what they correspond to",
    ),
    "same": marked_plural(
        "{n} that corresponds and is not comparable", "{n} that correspond and are not comparable"
    ),
}


def unit_versions(info: StudyInfo, found: tuple[VersionView, ...]) -> list[b.Block | None]:
    """Return the measurements of a unit with other versions of the instrument."""
    locale = locale_of(info)
    blocks: list[b.Block | None] = []
    for view in found:
        title = _title(view.instrument, view.version, view.comparison.before_title, locale)
        blocks += [b.Heading(title, 3), _side_by_side(info, view, locale)]
        text = locale.text(
            "The two results are of different versions, and their difference is no change."
        )
        blocks.append(b.Paragraph(b.as_rich(text), "note"))
        for tier, name in view.comparison.tiers:
            outcomes = [c.outcome for c in view.comparison.changes if c.tier == tier]
            if outcomes:
                blocks.append(b.Paragraph(counts_sentence(name, outcomes, locale)))
        blocks += [_share(view, locale), *_moved(info, view)]
        blocks += _not_compared(view.declared, view.note, view.left_out, locale)
    return blocks


def cohort_versions(info: StudyInfo, found: tuple[CohortVersion, ...]) -> list[b.Block | None]:
    """Return the measurements of a cohort with other versions of the instrument."""
    locale, noun = locale_of(info), noun_of(info)
    blocks: list[b.Block | None] = []
    for view in found:
        blocks.append(b.Heading(_title(view.instrument, view.version, view.wave_title, locale), 3))
        text = noun.count(
            "{n} {noun} was measured with both versions.",
            "{n} {nouns} were measured with both versions.",
            view.n,
        )
        blocks.append(b.Paragraph(b.as_rich(text)))
        blocks.append(moves_table(list(view.moves), locale) if view.moves else None)
        blocks += _not_compared(view.declared, view.note, view.left_out, locale)
    return blocks


def _title(instrument: str, version: str, wave: str, locale: Locale) -> str:
    """Return the heading of a measurement with another version."""
    return locale.text(
        "Measured with another version: {instrument} ({version}), {wave}",
        instrument=instrument,
        version=version,
        wave=wave,
    )


def _side_by_side(info: StudyInfo, view: VersionView, locale: Locale) -> b.Table:
    """Return the results on page one of both versions, each under its own name."""
    sides = (
        (f"{view.instrument} ({view.version})", view.comparison.before_title, view.then),
        (f"{info.instrument_short} ({info.version})", view.comparison.now_title, view.now),
    )
    staged = [
        (name, f"{wave}, {stage}" if stage else wave, results)
        for (name, wave, results), stage in zip(sides, view.stages, strict=True)
    ]
    heads = (
        b.ColumnHead(locale.text("Version"), width=2.4),
        b.ColumnHead(locale.text("Measurement"), width=1.6),
        b.ColumnHead(locale.text("Result"), width=2.4),
        b.ColumnHead(locale.text("Value"), "right", width=1.4),
    )
    rows = [
        b.Row(
            (
                b.cell(name),
                b.cell(wave),
                b.cell(r.title),
                b.cell(_result(r, locale), number=r.score),
            )
        )
        for name, wave, results in staged
        for r in results
    ]
    return b.Table(heads, tuple(rows))


def _result(result: VersionResult, locale: Locale) -> str:
    """Return a score with its level, a dash for none."""
    text = "" if result.score is None else locale.number(result.score, result.decimals)
    if text and result.unit == "percent":
        text = locale.percent(result.score or 0.0, result.decimals)
    return f"{text} {result.level}".strip() or "–"


def _share(view: VersionView, locale: Locale) -> b.Paragraph | None:
    """Return how many of the indicators compared are at their best level, then and now."""
    if view.share is None:
        return None
    text = locale.rich_count(
        "Of the **{n} indicator** with the same rule and a level both times, {before} was at its "
        "best level in {then} and {now} in {wave}.",
        "Of the **{n} indicators** with the same rule and a level both times, {before} were at "
        "their best level in {then} and {now} in {wave}.",
        view.share.n,
        before=locale.integer(view.share.before),
        now=locale.integer(view.share.now),
        then=view.comparison.before_title,
        wave=view.comparison.now_title,
    )
    return b.Paragraph(text)


def _moved(info: StudyInfo, view: VersionView) -> list[b.Block | None]:
    """Return the results that moved, or that one of the two measurements lacks."""
    some = [c for c in view.comparison.changes if c.outcome != "unchanged"]
    return [moved_table(info, view.comparison, some)] if some else []


def _not_compared(
    declared: bool, note: str, left_out: tuple[LeftOut, ...], locale: Locale
) -> list[b.Block | None]:
    """Return what was not compared and why."""
    items = []
    for entry in left_out:
        text = locale.count(*LEFT_OUT[entry.why], len(entry.titles))
        names = [*entry.titles[:MOST_NAMED]]
        more = len(entry.titles) - len(names)
        if entry.why != "unknown":
            names += [locale.count("and {n} more", "and {n} more", more)] if more else []
            text += f": {'; '.join(names)}"
        items.append(b.as_rich(text))
    if not declared:
        said = locale.text("Neither version declares what of it corresponds to what in the other.")
        items.insert(0, b.as_rich(said))
    if note:
        items.append(b.as_rich(note))
    if not items:
        return []
    return [b.Callout("info", locale.text("Not compared, in indicators"), tuple(items))]
