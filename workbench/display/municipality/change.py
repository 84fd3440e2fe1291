"""What changed since the baseline, and what was declared against what was reviewed."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display import figures
from workbench.display.comparison import comparison_blocks
from workbench.display.earlier import unit_versions
from workbench.display.figures import score_text
from workbench.display.municipality.beside import changed_values
from workbench.display.municipality.common import (
    areas_of_view,
    label_title,
    level_title,
    place_of,
    section,
)
from workbench.display.parts import (
    STATE_ORDER,
    chip_of,
    indicators_of,
    locale_of,
    noun_of,
    number_cell,
    partly_own_wave,
    recorded_change,
    wholly_own_wave,
)
from workbench.display.precision import beyond_cell, reliable_text
from workbench.display.values import titled
from workbench.language import Locale, marked, marked_plural, plain, printed_difference
from workbench.study.views import IndicatorView, NodeView, SameIndicators, StageView, UnitView


def change(view: UnitView) -> b.Section:
    """Return what changed since the baseline, and what can be said of it."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("What has changed?"))]
    rest = [*_stages_blocks(view, locale), *unit_versions(view.info, view.versions)]
    if view.comparison is not None:
        blocks += comparison_blocks(view.info, view.comparison)
        blocks.append(b.Paragraph(recorded_change(view.info, locale)))
        return section(view, [*blocks, *rest])
    changed = [
        n for n in view.nodes if n.earlier and n.earlier.score is not None and n.score is not None
    ]
    moved = [i for i in view.indicators if i.earlier and i.earlier.level and i.level]
    values = changed_values(view, locale)
    if not changed and not moved and not values:
        text = locale.text(
            "There is one measurement only ({wave}): there is no other to compare it with.",
            wave=view.wave_title,
        )
        blocks.append(b.Paragraph(b.as_rich(text)))
        return section(view, [*blocks, *rest])
    for node in view.headline:
        if node in changed and node.own_wave == "whole":
            blocks += _side_by_side(view, node, locale)
        elif node in changed:
            blocks.append(b.Paragraph(_change_sentence(view, node, locale)))
            sure = view.certainty.changes.get(node.code)
            if sure is not None:
                blocks.append(b.Paragraph(reliable_text(sure, node.decimals, locale)))
            said = [b.Paragraph(text) for text in _what_it_is(view, node, locale)]
            blocks += [text for text in said if text not in blocks]
    nodes = [*view.headline, *areas_of_view(view)]
    rows = [n for n in nodes if n in changed and n.own_wave != "whole"]
    if rows:
        blocks.append(_change_figure(view, rows, locale))
        blocks.append(_areas_beyond(view, rows, locale))
    if any(n.own_wave == "part" for n in rows):
        blocks.append(b.Paragraph(b.as_rich(partly_own_wave(noun_of(view.info))), "note"))
    if moved:
        blocks += _moves(view, moved, locale)
    blocks += values
    if rows or moved or values:
        precise = bool(view.certainty.changes)
        blocks.append(b.Paragraph(recorded_change(view.info, locale, precise=precise)))
    return section(view, [*blocks, *rest])


def _side_by_side(view: UnitView, node: NodeView, locale: Locale) -> list[b.Block | None]:
    """Return a result at two waves, each measured against the units of its own wave."""
    assert node.earlier is not None  # noqa: S101  # the caller takes those with both
    noun, waves = noun_of(view.info), (node.earlier.wave_title, node.wave or view.wave_title)
    said = locale.rich(
        "**{title}**: {then} in {before}, {now} in {after}.",
        title=node.title,
        before=waves[0],
        after=waves[1],
        then=score_text(node, node.earlier.score, locale),
        now=score_text(node, node.score, locale),
    )
    found: list[b.Block | None] = [
        b.Paragraph(said),
        b.Paragraph(wholly_own_wave(noun)),
    ]
    places = (node.earlier.rank, node.rank)
    if all(places):
        texts = [
            noun.text(
                "{rank} of {n} {nouns} in {wave}",
                rank=locale.integer(place.rank),
                n=locale.integer(place.scored),
                wave=wave,
            )
            for place, wave in zip(places, waves, strict=True)
            if place is not None
        ]
        text = locale.text("Its place: {places}.", places=locale.listing(texts))
        found.append(b.Paragraph(b.as_rich(text)))
    return found


def _areas_beyond(view: UnitView, rows: list[NodeView], locale: Locale) -> b.Block | None:
    """Return which areas changed beyond measurement error, of those whose precision is known."""
    heads = {n.code for n in view.headline}
    sure = [(n, view.certainty.changes[n.code]) for n in rows if n.code in view.certainty.changes]
    texts = []
    for within, source in (
        (False, marked("**Areas beyond measurement error**: {areas}.")),
        (True, marked("**Areas within measurement error**: {areas}.")),
    ):
        names = [
            locale.text(
                "{title} ({change}; the error gives less than {reach})",
                title=n.title,
                change=_difference_cell(n, locale).plain(),
                reach=locale.number(x.reach, n.decimals),
            )
            for n, x in sure
            if n.code not in heads and (x.outcome == "within") == within
        ]
        if names:
            texts.append(locale.rich(source, areas=locale.listing(names)))
    return b.Bullets(tuple(texts)) if texts else None


def _what_it_is(view: UnitView, node: NodeView, locale: Locale) -> list[b.Rich]:
    """Return what the change of a headline consists of, and what it is on the same indicators."""
    if node.same is not None:
        found = [_made_of(view, node.same, locale)]
        return [_like_sentence(node, node.same, locale), *found] if node.same.differs else found
    before = node.earlier.base if node.earlier else None
    if node.unit == "percent" and before is not None and node.base not in (None, before):
        text = locale.text(
            "The result divided by {before} measurable indicators and now divides by {now}. Which "
            "ones came or went can't be told, so part of the change can come from that alone.",
            before=locale.integer(before),
            now=locale.integer(node.base),
        )
        return [b.as_rich(text)]
    if not node.parts_known:
        text = locale.text(
            "What the change consists of can't be told: the source gives the result only."
        )
        return [b.as_rich(text)]
    return []


def _like_sentence(node: NodeView, same: SameIndicators, locale: Locale) -> b.Rich:
    """Return the change over the indicators that were measurable both times."""
    if same.before is None or same.now is None:
        return b.as_rich(locale.text("No indicator was measurable both times."))
    difference = printed_difference(same.now, same.before, node.decimals)
    if difference == 0:
        return locale.rich_count(
            "Over the same {n} indicator, measurable both times: **no change**.",
            "Over the same {n} indicators, measurable both times: **no change**.",
            same.n,
        )
    return locale.rich_count(
        "Over the same {n} indicator, measurable both times: **{difference} points**, from {then} "
        "to {now}.",
        "Over the same {n} indicators, measurable both times: **{difference} points**, from {then} "
        "to {now}.",
        same.n,
        difference=locale.number(difference, node.decimals, sign=True),
        then=score_text(node, same.before, locale),
        now=score_text(node, same.now, locale),
    )


def _made_of(view: UnitView, same: SameIndicators, locale: Locale) -> b.Rich:
    """Return which moves of indicators a change of a share consists of."""
    level = level_title(view, view.info.share_level or "")
    forms = [
        (same.gained, marked_plural("{n} came to {level}", "{n} came to {level}")),
        (same.lost, marked_plural("{n} is at {level} no more", "{n} are at {level} no more")),
        (
            same.left,
            marked_plural(
                "{n} is no longer measurable ({top} of them at {level} before)",
                "{n} are no longer measurable ({top} of them at {level} before)",
            ),
        ),
        (
            same.joined,
            marked_plural(
                "{n} is measurable that was not ({top} of them at {level} now)",
                "{n} are measurable that were not ({top} of them at {level} now)",
            ),
        ),
    ]
    tops = {2: same.left_top, 3: same.joined_top}
    parts = [
        locale.count(one, many, n, level=level, top=locale.integer(tops.get(index, 0)))
        for index, (n, (one, many)) in enumerate(forms)
        if n
    ]
    if not parts:
        return b.as_rich(locale.text("No indicator came to {level} or left it.", level=level))
    return locale.rich(
        "**What the change consists of**, in {indicators}: {parts}.",
        indicators=indicators_of(view.info),
        parts=locale.listing(parts),
    )


def _change_sentence(view: UnitView, node: NodeView, locale: Locale) -> b.Rich:
    """Return the change of a headline in one sentence."""
    assert node.earlier is not None and node.score is not None  # noqa: PT018, S101
    before = node.earlier.score or 0.0
    difference = printed_difference(node.score, before, node.decimals)
    if abs(difference) < 0.5 * 10**-node.decimals:
        source = marked("**{title} did not change** between {before} and {after}: {now}.")
    elif difference > 0:
        source = marked(
            "**{title} rose by {points} points** between {before} and {after}: from {then} to "
            "{now}."
        )
    else:
        source = marked(
            "**{title} fell by {points} points** between {before} and {after}: from {then} to "
            "{now}."
        )
    return locale.rich(
        source,
        title=node.title,
        points=locale.number(abs(difference), node.decimals),
        before=node.earlier.wave_title,
        after=node.wave or view.wave_title,
        then=score_text(node, before, locale),
        now=score_text(node, node.score, locale),
    )


def _change_figure(view: UnitView, rows: list[NodeView], locale: Locale) -> b.Block:
    """Return the change of each area as a picture and a table."""
    earlier = rows[0].earlier
    before = earlier.wave_title if earlier else ""
    after = rows[0].wave or view.wave_title
    sure = {n.code: x for n in rows if (x := view.certainty.changes.get(n.code)) is not None}
    body = tuple(
        b.Row(
            (
                b.cell(n.title),
                number_cell(n, n.earlier.score if n.earlier else None, locale),
                number_cell(n, n.score, locale),
                _difference_cell(n, locale),
                *([beyond_cell(sure.get(n.code), n.decimals, locale)] if sure else []),
                *([_same_cell(n, locale)] if any(_differs(r) for r in rows) else []),
            )
        )
        for n in rows
    )
    heads = [
        b.ColumnHead(locale.text("Area"), width=2.6),
        b.ColumnHead(before, "right"),
        b.ColumnHead(after, "right"),
        b.ColumnHead(locale.text("Change in points"), "right"),
    ]
    if sure:
        heads.append(b.ColumnHead(locale.text("Beyond measurement error"), width=1.4))
    if any(_differs(n) for n in rows):
        heads.append(b.ColumnHead(locale.text("Over the same indicators"), "right", 1.6))
    first = rows[0]
    alt = locale.text(
        "{title}: from {before} to {after}",
        title=first.title,
        before=score_text(first, first.earlier.score if first.earlier else None, locale),
        after=score_text(first, first.score, locale),
    )
    drawn = [n for n in map(_drawn, rows) if n is not None]
    caption = ""
    if any(_differs(n) for n in rows):
        caption = locale.text(
            "* Indicators came or went between the two measurements, which moves a share by "
            "itself: drawn over those that were measurable both times."
        )
        if first.same is not None and first.same.differs:
            alt += ". " + plain(_like_sentence(first, first.same, locale))
    table = b.Table(tuple(heads), body)
    if not drawn:
        return table
    return b.Figure(figures.changes(drawn, before, after, locale), alt, caption, table)


def _differs(node: NodeView) -> bool:
    """Return whether the two waves of a share do not measure the same indicators."""
    return node.same is not None and node.same.differs


def _drawn(node: NodeView) -> NodeView | None:
    """Return a node as the picture shows it: over the same indicators, None where there are none.

    A share can rise because indicators left its denominator; the picture must not show that.
    """
    same = node.same
    if same is None or not same.differs or node.earlier is None:
        return node
    if same.before is None:
        return None
    earlier = node.earlier.model_copy(update={"score": same.before})
    return node.model_copy(
        update={"title": f"{node.title} *", "score": same.now, "earlier": earlier}
    )


def _same_cell(node: NodeView, locale: Locale) -> b.Cell:
    """Return the change over the same indicators, with their number."""
    same = node.same
    if same is None or same.before is None or same.now is None:
        return b.cell(locale.text("not known") if same is None else "–")
    change = printed_difference(same.now, same.before, node.decimals)
    text = locale.number(change, node.decimals, sign=True) if change else locale.text("no change")
    return b.cell(f"{text} ({locale.integer(same.n)})", number=change)


def _difference_cell(node: NodeView, locale: Locale) -> b.Cell:
    """Return the change of a node in points, as the difference of what is printed."""
    if node.score is None or node.earlier is None or node.earlier.score is None:
        return b.cell("–")
    change = printed_difference(node.score, node.earlier.score, node.decimals)
    return b.cell(locale.number(change, node.decimals, sign=True), number=change)


def _moves(view: UnitView, moved: list[IndicatorView], locale: Locale) -> list[b.Block | None]:
    """Return how many indicators moved up and down, and which."""
    up = [
        i
        for i in moved
        if place_of(view, i.scale, i.level)
        > place_of(view, i.scale, i.earlier.level if i.earlier else None)
    ]
    down = [
        i
        for i in moved
        if place_of(view, i.scale, i.level)
        < place_of(view, i.scale, i.earlier.level if i.earlier else None)
    ]
    text = locale.rich(
        "{of}: **{up}, {down}** and {same}.",
        of=locale.count(
            "Of {n} indicator with a level both times",
            "Of {n} indicators with a level both times",
            len(moved),
        ),
        up=locale.count("{n} moved up", "{n} moved up", len(up)),
        down=locale.count("{n} moved down", "{n} moved down", len(down)),
        same=locale.count("{n} stayed", "{n} stayed", len(moved) - len(up) - len(down)),
    )
    found: list[b.Block | None] = [b.Paragraph(text)]
    heads = (
        b.ColumnHead(view.info.indicator_title, width=3.4),
        b.ColumnHead(locale.text("Before")),
        b.ColumnHead(locale.text("Now")),
    )
    for title, some in ((locale.text("Moved up"), up), (locale.text("Moved down"), down)):
        if some:
            rows = tuple(
                b.Row(
                    (
                        b.cell(titled(i.code, i.title)),
                        b.cell(
                            chip=chip_of(
                                view.info, i.scale, i.earlier.level if i.earlier else None, ""
                            )
                        ),
                        b.cell(chip=chip_of(view.info, i.scale, i.level, "")),
                    )
                )
                for i in some
            )
            found += [b.Heading(title, 3), b.Table(heads, rows)]
    return found


def _stages_blocks(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return the stages of the measurement side by side: what was declared, what was reviewed."""
    if not view.stages or not view.headline:
        return []
    node = view.headline[0]
    shown = {k for s in view.stages for k, n in s.counts.items() if n}
    best_first = [lv.id for levels in view.info.scales.values() for lv in reversed(levels)]
    labels = [(k, label_title(view, k)) for k in [*best_first, *STATE_ORDER] if k in shown]
    heads = (
        b.ColumnHead(locale.text("Stage"), width=2.0),
        b.ColumnHead(node.title, "right"),
        *(b.ColumnHead(title, "right") for _, title in labels),
    )
    rows = tuple(
        b.Row(
            (
                b.cell(s.title),
                b.cell(score_text(node, s.score, locale), number=s.score),
                *(
                    b.cell(locale.integer(s.counts.get(k)), number=s.counts.get(k))
                    for k, _ in labels
                ),
            ),
            strong=s.title == view.stage,
        )
        for s in view.stages
    )
    found: list[b.Block | None] = [
        b.Heading(locale.text("Declared and reviewed"), 3),
        b.Table(heads, rows),
    ]
    for stage in view.stages:
        if stage.title != view.stage and stage.differs:
            found.append(_differs_sentence(view, stage, locale))
    return found


def _differs_sentence(view: UnitView, stage: StageView, locale: Locale) -> b.Block:
    """Return which indicators another stage saw otherwise."""
    text = locale.count(
        "{n} indicator has another level in the stage {stage}:",
        "{n} indicators have another level in the stage {stage}:",
        len(stage.differs),
        stage=stage.title,
    )
    parts = []
    for code, title, theirs, own in stage.differs:
        before = label_title(view, theirs) if theirs else "–"
        after = label_title(view, own) if own else "–"
        parts.append(f"{titled(code, title)} ({before} → {after})")
    return b.Callout("info", text, tuple(b.as_rich(p) for p in parts))
