"""Two measurements compared result by result: tables that unit reports share."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.parts import chip_of, locale_of
from workbench.display.style import state_chip
from workbench.language import Locale, marked, marked_plural
from workbench.study.change_views import ChangeView, ComparisonView, Outcome, Side
from workbench.study.changes import LEAVES
from workbench.study.views import StudyInfo

# Words of each outcome; an arrow points the way that the level moved.
OUTCOMES: dict[Outcome, str] = {
    "improved": marked("↑ improved"),
    "deteriorated": marked("↓ deteriorated"),
    "higher": marked("↑ higher"),
    "lower": marked("↓ lower"),
    "unchanged": marked("= unchanged"),
    "not_comparable": marked("not comparable"),
}
COUNTED: dict[Outcome, tuple[str, str]] = {
    "improved": marked_plural("{n} improved", "{n} improved"),
    "deteriorated": marked_plural("{n} deteriorated", "{n} deteriorated"),
    "higher": marked_plural("{n} is higher", "{n} are higher"),
    "lower": marked_plural("{n} is lower", "{n} are lower"),
    "unchanged": marked_plural("{n} unchanged", "{n} unchanged"),
    "not_comparable": marked_plural("{n} not comparable", "{n} not comparable"),
}


def comparison_blocks(info: StudyInfo, found: ComparisonView) -> list[b.Block | None]:
    """Return what changed by the rules of the instrument: counts, then results one by one."""
    locale = locale_of(info)
    blocks: list[b.Block | None] = []
    for tier, title in found.tiers:
        some = [c for c in found.changes if c.tier == tier]
        if some:
            outcomes = [c.outcome for c in some]
            blocks.append(b.Paragraph(counts_sentence(title, outcomes, locale)))
    text = locale.text("Each result is compared with itself; nothing is added up.")
    blocks.append(b.Paragraph(b.as_rich(text), "note"))
    for tier, title in found.tiers:
        some = [c for c in found.changes if c.tier == tier and _is_listed(c)]
        if some:
            blocks += [b.Heading(title, 3), _table(info, found, title, some, locale)]
    kept = [c for c in found.changes if not _is_listed(c)]
    if kept:
        text = locale.text(
            "What is not listed here has the same level both times; it stands under Areas and "
            "indicators."
        )
        blocks.append(b.Paragraph(b.as_rich(text), "note"))
    if found.remarks:
        items = tuple(b.as_rich(text) for text in found.remarks)
        blocks.append(b.Callout("info", locale.text("How to read these changes"), items))
    return blocks


def counts_sentence(title: str, outcomes: list[Outcome], locale: Locale) -> b.Rich:
    """Return how many results improved, deteriorated, and so on."""
    counts = [
        locale.count(*forms, outcomes.count(outcome))
        for outcome, forms in COUNTED.items()
        if outcome in outcomes or outcome in ("improved", "deteriorated", "unchanged")
    ]
    return locale.rich("**{title}**: {counts}.", title=title, counts=locale.listing(counts))


def _is_listed(change: ChangeView) -> bool:
    """Return whether a change is worth a row: groups, indicators that moved or are explained."""
    return (
        change.tier != LEAVES
        or change.outcome != "unchanged"
        or bool(change.note_before or change.note_now)
    )


def _table(
    info: StudyInfo, found: ComparisonView, title: str, some: list[ChangeView], locale: Locale
) -> b.Table:
    """Return results of one kind with both levels, how they changed, and what explains it."""
    heads = (
        b.ColumnHead(title, width=2.6),
        b.ColumnHead(found.before_title, width=1.2),
        b.ColumnHead(found.now_title, width=1.2),
        b.ColumnHead(locale.text("Change"), width=1.4),
        b.ColumnHead(locale.text("Explanation"), width=3.0),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(f"{c.code} {c.title}"),
                side_cell(info, c.before, locale),
                side_cell(info, c.now, locale),
                b.cell(locale.text(OUTCOMES[c.outcome])),
                b.cell(_explanation(found, c, locale)),
            )
        )
        for c in some
    )
    return b.Table(heads, rows)


def side_cell(info: StudyInfo, side: Side, locale: Locale) -> b.Cell:
    """Return a result at one measurement: its level, number, or the state instead or beside it."""
    if side.level:
        return b.cell(side.state, chip=chip_of(info, side.scale, side.level, side.status))
    if side.value is not None:
        text = locale.number(side.value, 0 if float(side.value).is_integer() else 2)
        return b.cell(f"{text} {side.unit}".strip(), number=side.value)
    return b.cell(chip=state_chip(side.status, side.state)) if side.state else b.cell("–")


def _explanation(found: ComparisonView, change: ChangeView, locale: Locale) -> str:
    """Return why a result can't be compared, which of its parts moved, and the notes on it."""
    said = [*change.why, *_missing_side(found, change, locale)]
    parts = (
        (change.up, marked("up: {codes}")),
        (change.down, marked("down: {codes}")),
        (change.apart, marked("not comparable: {codes}")),
    )
    said += [locale.text(text, codes=", ".join(codes)) for codes, text in parts if codes]
    if change.note_before:
        said.append(f"{found.before_title}: {change.note_before}")
    if change.note_now:
        said.append(f"{found.now_title}: {change.note_now}")
    moved = change.outcome in ("improved", "deteriorated")
    if found.explained and moved and not said:
        said.append(locale.text("not explained in the data"))
    return "; ".join(said)


def _missing_side(found: ComparisonView, change: ChangeView, locale: Locale) -> list[str]:
    """Return at which measurement there was no level to compare."""
    titles = (
        title
        for side, title in ((change.before, found.before_title), (change.now, found.now_title))
        if side.level is None and side.value is None
    )
    return [locale.text("no level in {wave}", wave=title) for title in titles]
