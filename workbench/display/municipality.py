"""The sections of a unit's report, in the order in which its reader asks."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display import figures
from workbench.display.figures import score_text
from workbench.display.parts import (
    STATE_ORDER,
    areas_of,
    assumed_callout,
    chip_of,
    example_callout,
    locale_of,
    method_blocks,
    number_cell,
    parts_of,
    rules_blocks,
    value_text,
    warnings_blocks,
)
from workbench.display.style import level_chip
from workbench.language import Locale, marked, marked_plural, plain
from workbench.study.views import IndicatorView, NodeView, StageView, UnitView

MOST_STEPS = 12


def _section(view: UnitView, blocks: list[b.Block | None]) -> b.Section:
    """Return blocks as a section in the language of the view."""
    return b.Section(blocks, view.info.locale)


# -- cover ----------------------------------------------------------------------------------------


def cover(view: UnitView) -> b.Section:
    """Return the head of the report: who, what, when."""
    locale, info = locale_of(view.info), view.info
    facts = [(title, value) for title, value in view.groups]
    if view.population is not None:
        facts.append((locale.text("Population"), locale.integer(view.population)))
    facts.append((locale.text("Code"), view.code))
    facts.append((locale.text("Measurement"), _measurement(view)))
    if view.stage:
        facts.append((locale.text("Stage"), view.stage))
    badge = locale.text("Example") if info.example else ""
    head = b.Cover(
        view.name, info.instrument_title, info.title, tuple(facts), badge, info.instrument_language
    )
    return _section(view, [head, example_callout(info, locale)])


def _measurement(view: UnitView) -> str:
    """Return the wave with its date."""
    import datetime as dt

    locale = locale_of(view.info)
    if view.wave_date is None:
        return view.wave_title
    date = locale.date(dt.date.fromisoformat(view.wave_date))
    return f"{view.wave_title} ({date})" if view.wave_title not in date else date


# -- where do we stand ----------------------------------------------------------------------------


def where(view: UnitView) -> b.Section:
    """Return where the unit stands: one sentence, one picture, and what the result rests on."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Where do we stand?"))]
    if not view.headline:
        blocks += _standing_by_levels(view, locale)
    for index, node in enumerate(view.headline):
        blocks.append(b.Paragraph(_headline_sentence(view, node, locale), "lead"))
        place = _place_sentence(view, node, locale)
        if place:
            blocks.append(b.Paragraph(place))
        if index == 0 or len(view.headline) == 1:
            blocks.append(_standing_figure(view, node, locale))
    pair = _two_axes(view, locale)
    blocks.append(pair)
    if view.facts:
        blocks.append(_facts_table(view, locale))
    blocks.append(assumed_callout(view.info, view.assumptions, locale))
    if view.warnings:
        text = locale.count(
            "The data of this report have {n} defect; see *How sure are we?*",
            "The data of this report have {n} defects; see *How sure are we?*",
            len(view.warnings),
        ).replace("*", "")
        blocks.append(b.Paragraph(b.as_rich(text), "note"))
    return _section(view, blocks)


def _headline_sentence(view: UnitView, node: NodeView, locale: Locale) -> b.Rich:
    """Return the result in one sentence."""
    info = view.info
    when = f" ({node.wave})" if node.wave else ""
    if node.score is None:
        return _no_score_sentence(node, locale)
    text = score_text(node, node.score, locale)
    if node.unit == "percent" and info.share_level and node.counts:
        level = _level_title(view, info.share_level)
        reached = node.counts.get(info.share_level)
        out = sum(node.counts.get(s) or 0.0 for s in ("not_measurable", "not_applicable"))
        return locale.rich(
            "**{name} has {reached} of {n} measurable indicators at {level}: {score}.**",
            name=view.name,
            reached=locale.integer(reached),
            n=locale.integer(node.n_indicators - out),
            level=level,
            score=text,
        )
    if node.unit == "points" and node.maximum:
        return locale.rich(
            "**{name} reaches {score} of {maximum} points{when}.**",
            name=view.name,
            score=text,
            maximum=locale.number(node.maximum, 0),
            when=when,
        )
    level = f", {_level_title(view, node.level)}" if node.level else ""
    return locale.rich(
        "**{title}: {score}{level}{when}.**",
        title=node.title,
        score=text,
        level=level,
        when=when,
    )


def _no_score_sentence(node: NodeView, locale: Locale) -> b.Rich:
    """Return why there is no score, and what it could be."""
    if node.level:
        return locale.rich("**{title}: {level}.**", title=node.title, level=node.level)
    if node.low is not None and node.high is not None and node.status in ("withheld", "bounded"):
        return locale.rich(
            "**{title} can't be told from these data: between {low} and {high}.** {share} of what "
            "it needs was observed.",
            title=node.title,
            low=score_text(node, node.low, locale),
            high=score_text(node, node.high, locale),
            share=locale.percent(node.coverage * 100, 0),
        )
    return locale.rich("**{title}: no result, because nothing was observed.**", title=node.title)


def _place_sentence(view: UnitView, node: NodeView, locale: Locale) -> b.Rich | None:
    """Return the place among all, with what ties and missing data leave open."""
    rank = node.rank
    if rank is None:
        return None
    text = locale.text(
        "Place {rank} of {n}", rank=locale.integer(rank.rank), n=locale.integer(rank.n)
    )
    if rank.ties > 1:
        text += locale.count(", shared with {n} other", ", shared with {n} others", rank.ties - 1)
    if (rank.best, rank.worst) != (rank.rank, rank.rank):
        text += "; " + locale.text(
            "with the data that are not available it could be from {best} to {worst}",
            best=locale.integer(rank.best),
            worst=locale.integer(rank.worst),
        )
    return b.as_rich(text + ".")


def _level_title(view: UnitView, level: str) -> str:
    """Return the title of a level by its id."""
    for levels in view.info.scales.values():
        for entry in levels:
            if entry.id == level:
                return entry.title
    return level


def _standing_figure(view: UnitView, node: NodeView, locale: Locale) -> b.Block | None:
    """Return the picture of page one; None where there is nothing to draw."""
    parts = parts_of(view.info, node.counts, node.n_indicators)
    spread = view.spread.get(node.code, {})
    drawn_others = sum(len(x) for k, x in spread.items() if k != "edges")
    if not parts and (node.score is None or not drawn_others):
        return None
    peers = view.peer_title if spread.get("peers") and sum(spread["peers"]) else ""
    svg = figures.standing(node, view.name, parts, spread, peers, locale)
    alt = f"{node.title}: {score_text(node, node.score, locale)}. "
    alt += ", ".join(f"{chip.title} {locale.integer(count)}" for chip, count in parts)
    if node.rank:
        alt += ". " + plain(_place_sentence(view, node, locale) or "")
    rows = [
        b.Row((b.cell(chip.title, chip=None), b.cell(locale.integer(n), number=n)))
        for chip, n in parts
    ]
    if node.score is not None:
        rows.append(b.Row((b.cell(node.title), number_cell(node, node.score, locale))))
    if node.peers is not None:
        rows.append(
            b.Row((b.cell(_peer_median(view, locale)), number_cell(node, node.peers, locale)))
        )
    if node.cohort is not None:
        everyone = locale.text("Median of all")
        rows.append(b.Row((b.cell(everyone), number_cell(node, node.cohort, locale))))
    table = b.Table(
        (b.ColumnHead(locale.text("What")), b.ColumnHead(locale.text("How many"), "right")),
        tuple(rows),
    )
    return b.Figure(svg, alt, "", table)


def _peer_median(view: UnitView, locale: Locale) -> str:
    """Return the name of the peers' median."""
    return locale.text("Median of peers ({peers})", peers=view.peer_title)


def _standing_by_levels(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return where a unit stands by an instrument without a total: how many at each level."""
    found: list[b.Block | None] = []
    by_scale: dict[str, dict[str, int]] = {}
    for node in view.nodes:
        if node.scale and node.level:
            by_scale.setdefault(node.scale, {}).setdefault(node.level, 0)
            by_scale[node.scale][node.level] += 1
    text = locale.text("This instrument gives no total: its results stand side by side.")
    found.append(b.Paragraph(b.as_rich(text), "lead"))
    for scale, counts in by_scale.items():
        levels = view.info.scales[scale]
        parts = [
            (level_chip(lv), float(counts[lv.id])) for lv in reversed(levels) if lv.id in counts
        ]
        names = locale.listing([f"{chip.title}: {locale.integer(n)}" for chip, n in parts])
        rows = tuple(
            b.Row((b.cell(chip.title), b.cell(locale.integer(n), number=n))) for chip, n in parts
        )
        heads = (b.ColumnHead(locale.text("Level")), b.ColumnHead(locale.text("How many"), "right"))
        dummy = view.nodes[0].model_copy(update={"score": None})
        svg = figures.standing(dummy, view.name, parts, {}, "", locale)
        found.append(b.Figure(svg, names, "", b.Table(heads, rows)))
    if not by_scale:
        text = locale.text("Nothing was observed that gives a result.")
        found.append(b.Paragraph(b.as_rich(text)))
    return found


def _two_axes(view: UnitView, locale: Locale) -> b.Block | None:
    """Return two headline results on two axes at two dates, where both are known twice."""
    pair = [
        n
        for n in view.headline
        if n.score is not None and n.earlier and n.earlier.score is not None
    ]
    if len(view.headline) != 2 or len(pair) != 2:
        return None
    first, second = pair
    assert first.earlier is not None and second.earlier is not None  # noqa: PT018, S101
    waves = (first.earlier.wave_title, first.wave or view.wave_title)
    rows = tuple(
        b.Row(
            (
                b.cell(node.title),
                number_cell(node, node.earlier.score if node.earlier else None, locale),
                number_cell(node, node.score, locale),
            )
        )
        for node in pair
    )
    heads = (
        b.ColumnHead(locale.text("Result")),
        b.ColumnHead(waves[0], "right"),
        b.ColumnHead(waves[1], "right"),
    )
    alt = "; ".join(
        locale.text(
            "{title}: from {before} to {after}",
            title=n.title,
            before=score_text(n, n.earlier.score if n.earlier else None, locale),
            after=score_text(n, n.score, locale),
        )
        for n in pair
    )
    svg = figures.two_axes(first, second, waves, locale)
    return b.Figure(
        svg, alt, locale.text("Global result on two axes, at two dates."), b.Table(heads, rows)
    )


def _facts_table(view: UnitView, locale: Locale) -> b.Table:
    """Return reported facts beside the scores."""
    rows = []
    for fact in view.facts:
        yes_no = locale.text("yes") if fact.value else locale.text("no")
        text = (
            yes_no
            if fact.boolean
            else locale.number(fact.value, 0 if fact.value.is_integer() else 2)
        )
        text += f" {fact.unit}" if fact.unit else ""
        title = f"{fact.title} ({fact.wave_title})" if fact.wave_title else fact.title
        rows.append(b.Row((b.cell(title), b.cell(text, number=fact.value))))
    heads = (
        b.ColumnHead(locale.text("Reported by the source"), width=2.0),
        b.ColumnHead(locale.text("Value"), "right"),
    )
    return b.Table(heads, tuple(rows))


# -- against whom ---------------------------------------------------------------------------------


def peers(view: UnitView) -> b.Section:
    """Return how the unit compares with those of like size."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Compared with whom?"))]
    if view.n_cohort < 2:
        text = locale.text("This study holds one municipality: there is nobody to compare with.")
        return _section(view, [*blocks, b.Paragraph(b.as_rich(text))])
    if view.n_peers < view.peer_minimum:
        text = locale.text(
            "The study has {n} peers ({peers}); below {minimum} no comparison is made.",
            n=locale.integer(view.n_peers),
            peers=view.peer_title or locale.text("size unknown"),
            minimum=locale.integer(view.peer_minimum),
        )
        return _section(view, [*blocks, b.Paragraph(b.as_rich(text))])
    for node in view.headline:
        if node.peers is not None and node.score is not None:
            blocks.append(b.Paragraph(_peer_sentence(view, node, locale)))
    blocks.append(_peer_table(view, locale))
    if view.info.peers_source:
        note = locale.text("Peers: {source}.", source=view.info.peers_source)
        blocks.append(b.Paragraph(b.as_rich(note), "note"))
    return _section(view, blocks)


def _peer_sentence(view: UnitView, node: NodeView, locale: Locale) -> b.Rich:
    """Return the distance to the median of the peers."""
    assert node.score is not None and node.peers is not None  # noqa: PT018, S101
    difference = round(node.score, node.decimals) - round(node.peers, node.decimals)
    points = locale.number(abs(difference), node.decimals)
    if abs(difference) < 0.5 * 10**-node.decimals:
        source = marked("**{title}: equal to the median of its {n} peers** ({peers}), {median}.")
    elif difference > 0:
        source = marked(
            "**{title}: {points} points above the median of its {n} peers** ({peers}), {median}."
        )
    else:
        source = marked(
            "**{title}: {points} points below the median of its {n} peers** ({peers}), {median}."
        )
    return locale.rich(
        source,
        title=node.title,
        points=points,
        n=locale.integer(node.n_peers),
        peers=view.peer_title,
        median=score_text(node, node.peers, locale),
    )


def _areas_of(view: UnitView) -> list[NodeView]:
    """Return the areas of the report: what the headline is made of, and groupings beside it."""
    return areas_of(view.nodes, [n.code for n in view.headline])


def _peer_table(view: UnitView, locale: Locale) -> b.Block | None:
    """Return the areas beside the medians of peers and of all."""
    rows = [
        n for n in [*view.headline, *_areas_of(view)] if n.score is not None and n.peers is not None
    ]
    if not rows:
        return None
    heads = (
        b.ColumnHead(locale.text("Area"), width=2.6),
        b.ColumnHead(
            view.name if len(view.name) <= 24 else locale.text("This municipality"), "right"
        ),
        b.ColumnHead(locale.text("Median of {n} peers", n=locale.integer(view.n_peers)), "right"),
        b.ColumnHead(locale.text("Median of all {n}", n=locale.integer(view.n_cohort)), "right"),
        b.ColumnHead(locale.text("Difference from peers"), "right"),
    )
    body = []
    for node in rows:
        assert node.score is not None and node.peers is not None  # noqa: PT018, S101
        difference = round(node.score, node.decimals) - round(node.peers, node.decimals)
        body.append(
            b.Row(
                (
                    b.cell(node.title),
                    number_cell(node, node.score, locale),
                    number_cell(node, node.peers, locale),
                    number_cell(node, node.cohort, locale),
                    b.cell(locale.number(difference, node.decimals, sign=True), number=difference),
                ),
                strong=node in view.headline,
            )
        )
    return b.Table(heads, tuple(body))


# -- what changed ---------------------------------------------------------------------------------


def change(view: UnitView) -> b.Section:
    """Return what changed since the baseline, and what can be said of it."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("What has changed?"))]
    changed = [
        n for n in view.nodes if n.earlier and n.earlier.score is not None and n.score is not None
    ]
    moved = [i for i in view.indicators if i.earlier and i.earlier.level and i.level]
    if not changed and not moved:
        text = locale.text(
            "There is one measurement only ({wave}): change can't be told from these data.",
            wave=view.wave_title,
        )
        blocks.append(b.Paragraph(b.as_rich(text)))
        blocks += _stages_blocks(view, locale)
        return _section(view, blocks)
    for node in view.headline:
        if node in changed:
            blocks.append(b.Paragraph(_change_sentence(view, node, locale)))
    rows = [n for n in [*view.headline, *_areas_of(view)] if n in changed]
    if rows:
        blocks.append(_change_figure(view, rows, locale))
    if moved:
        blocks += _moves(view, moved, locale)
    text = locale.text(
        "This is a change in what was recorded. It is no sample, so it has no margin of error; it "
        "can also come from better evidence, another reviewer or another reading of the rules, "
        "and it says nothing of its cause."
    )
    blocks.append(b.Paragraph(b.as_rich(text), "note"))
    blocks += _stages_blocks(view, locale)
    return _section(view, blocks)


def _change_sentence(view: UnitView, node: NodeView, locale: Locale) -> b.Rich:
    """Return the change of a headline in one sentence."""
    assert node.earlier is not None and node.score is not None  # noqa: PT018, S101
    before = node.earlier.score or 0.0
    difference = round(node.score, node.decimals) - round(before, node.decimals)
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


def _change_figure(view: UnitView, rows: list[NodeView], locale: Locale) -> b.Figure:
    """Return the change of each area as a picture and a table."""
    earlier = rows[0].earlier
    before = earlier.wave_title if earlier else ""
    after = rows[0].wave or view.wave_title
    body = tuple(
        b.Row(
            (
                b.cell(n.title),
                number_cell(n, n.earlier.score if n.earlier else None, locale),
                number_cell(n, n.score, locale),
                _difference_cell(n, locale),
            )
        )
        for n in rows
    )
    heads = (
        b.ColumnHead(locale.text("Area"), width=2.6),
        b.ColumnHead(before, "right"),
        b.ColumnHead(after, "right"),
        b.ColumnHead(locale.text("Change in points"), "right"),
    )
    first = rows[0]
    alt = locale.text(
        "{title}: from {before} to {after}",
        title=first.title,
        before=score_text(first, first.earlier.score if first.earlier else None, locale),
        after=score_text(first, first.score, locale),
    )
    return b.Figure(figures.changes(rows, before, after, locale), alt, "", b.Table(heads, body))


def _difference_cell(node: NodeView, locale: Locale) -> b.Cell:
    """Return the change of a node in points, as the difference of what is printed."""
    if node.score is None or node.earlier is None or node.earlier.score is None:
        return b.cell("–")
    change = round(node.score, node.decimals) - round(node.earlier.score, node.decimals)
    return b.cell(locale.number(change, node.decimals, sign=True), number=change)


def _moves(view: UnitView, moved: list[IndicatorView], locale: Locale) -> list[b.Block | None]:
    """Return how many indicators moved up and down, and which."""
    up = [
        i
        for i in moved
        if _place(view, i.scale, i.level)
        > _place(view, i.scale, i.earlier.level if i.earlier else None)
    ]
    down = [
        i
        for i in moved
        if _place(view, i.scale, i.level)
        < _place(view, i.scale, i.earlier.level if i.earlier else None)
    ]
    text = locale.rich(
        "Of {n} indicators with a level both times, **{up} moved up, {down} moved down** and "
        "{same} stayed.",
        n=locale.integer(len(moved)),
        up=locale.integer(len(up)),
        down=locale.integer(len(down)),
        same=locale.integer(len(moved) - len(up) - len(down)),
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
                        b.cell(f"{i.code} {i.title}"),
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


def _place(view: UnitView, scale: str | None, level: str | None) -> int:
    """Return the place of a level in its scale, -1 for none."""
    for entry in view.info.scales.get(scale or "", ()):
        if entry.id == level:
            return entry.place
    return -1


def _stages_blocks(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return the stages of the measurement side by side: what was declared, what was reviewed."""
    if not view.stages or not view.headline:
        return []
    node = view.headline[0]
    shown = {k for s in view.stages for k, n in s.counts.items() if n}
    best_first = [lv.id for levels in view.info.scales.values() for lv in reversed(levels)]
    labels = [(k, _label_title(view, k)) for k in [*best_first, *STATE_ORDER] if k in shown]
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
        before = _label_title(view, theirs) if theirs else "–"
        after = _label_title(view, own) if own else "–"
        parts.append(f"{code} {title} ({before} → {after})")
    return b.Callout("info", text, tuple(b.as_rich(p) for p in parts))


def _label_title(view: UnitView, label: str) -> str:
    """Return the title of a level or state."""
    return view.info.states.get(label) or _level_title(view, label)


# -- areas and indicators -------------------------------------------------------------------------


def areas(view: UnitView) -> b.Section:
    """Return the areas as bars and every indicator with its level."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Areas and indicators"))]
    rows = _areas_of(view)
    drawn = [n for n in rows if n.score is not None or n.counts]
    tiers = list(dict.fromkeys(n.tier for n in drawn))
    for tier in tiers:
        some = [n for n in drawn if n.tier == tier]
        if len(tiers) > 1:
            blocks.append(b.Heading(some[0].tier_title, 3))
        blocks.append(_areas_figure(view, some, locale))
    known = {i.code for i in view.indicators if i.status != "missing"}
    if not known:
        text = locale.text(
            "The source gives results by area only: which indicators stand behind them can't be "
            "told from these data."
        )
        blocks.append(b.Paragraph(b.as_rich(text)))
        blocks += _node_tables(view, locale)
        return _section(view, blocks)
    blocks += _node_tables(view, locale)
    blocks += _indicator_tables(view, locale)
    return _section(view, blocks)


def _areas_figure(view: UnitView, rows: list[NodeView], locale: Locale) -> b.Figure | None:
    """Return one picture of areas of the same kind."""
    label = _peer_median(view, locale) if any(n.peers is not None for n in rows) else ""
    with_parts = [(n, parts_of(view.info, n.counts, n.n_indicators)) for n in rows]
    if not any(parts or n.score is not None for n, parts in with_parts):
        return None
    svg = figures.areas(with_parts, label, locale)
    scored = [n for n in rows if n.score is not None]
    alt = (
        "; ".join(f"{n.title}: {score_text(n, n.score, locale)}" for n in scored)
        or rows[0].tier_title
    )
    heads = [
        b.ColumnHead(rows[0].tier_title, width=2.6),
        b.ColumnHead(locale.text("Result"), "right"),
    ]
    chips = {chip.title: None for _, parts in with_parts for chip, _ in parts}
    heads += [b.ColumnHead(title, "right") for title in chips]
    body = []
    for node, parts in with_parts:
        counts = {chip.title: n for chip, n in parts}
        cells = [
            b.cell(locale.integer(counts.get(t, 0.0)), number=counts.get(t, 0.0)) for t in chips
        ]
        body.append(b.Row((b.cell(node.title), number_cell(node, node.score, locale), *cells)))
    return b.Figure(svg, alt, "", b.Table(tuple(heads), tuple(body)))


def _node_tables(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return groups that have levels, or that lie below the areas, as a table of results."""
    below = [n for n in view.nodes if (n.score is not None or n.level) and n not in view.headline]
    if not below or (not any(n.level for n in below) and len(below) == len(_areas_of(view))):
        return []
    with_score = any(n.score is not None for n in below)
    with_level = any(n.level for n in below)
    heads = [b.ColumnHead(locale.text("Area"), width=3.0)]
    if with_score:
        heads.append(b.ColumnHead(locale.text("Result"), "right"))
    if with_level:
        heads.append(b.ColumnHead(locale.text("Level"), width=1.8))
    heads.append(b.ColumnHead(locale.text("Observed"), "right"))
    inner = {parent for n in below for parent in n.parents}
    rows = []
    for node in below:
        cells = [b.cell(f"{node.title} ({node.wave})" if node.wave else node.title)]
        if with_score:
            cells.append(number_cell(node, node.score, locale))
        if with_level:
            chip = chip_of(view.info, node.scale, node.level, node.status)
            cells.append(b.cell(chip=chip) if node.level else b.cell("–"))
        cells.append(b.cell(_coverage(node, locale)))
        rows.append(b.Row(tuple(cells), depth=max(node.depth - 1, 0), strong=node.code in inner))
    return [b.Table(tuple(heads), tuple(rows))]


def _coverage(node: NodeView, locale: Locale) -> str:
    """Return how a result came about, and the share of what it needs that was observed."""
    if node.status == "reported":
        return locale.text("as reported")
    return locale.percent(node.coverage * 100, 0)


def _indicator_tables(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return one table of indicators for each area."""
    found: list[b.Block | None] = []
    heads: tuple[b.ColumnHead, ...] = (
        b.ColumnHead(view.info.indicator_title, width=3.6),
        b.ColumnHead(locale.text("Level"), width=1.5),
        b.ColumnHead(locale.text("Measured"), width=1.4),
        b.ColumnHead(locale.text("Before"), width=1.5),
    )
    has_before = any(i.earlier and i.earlier.level for i in view.indicators)
    has_value = any(value_text(i, locale) for i in view.indicators)
    keep = [True, any(i.scale for i in view.indicators), has_value, has_before]
    heads = tuple(head for head, kept in zip(heads, keep, strict=True) if kept)
    nodes = {n.code: n for n in view.nodes}
    by_parent: dict[str, list[IndicatorView]] = {}
    for indicator in view.indicators:
        if indicator.status != "missing" or indicator.parents:
            by_parent.setdefault(indicator.parents[0] if indicator.parents else "", []).append(
                indicator
            )
    tops: list[NodeView | None] = [n for n in view.nodes if n in _areas_of(view)]
    for top in tops or [None]:
        inside = _descendants(view, top.code) if top else set(by_parent)
        rows: list[b.Row] = []
        for code in [c for c in nodes if c in inside and c in by_parent] or (
            [""] if top is None else []
        ):
            some = [i for i in by_parent.get(code, []) if i.status != "missing"]
            if not some:
                continue
            if code in nodes and top is not None and code != top.code:
                node = nodes[code]
                title = f"{code} {node.title}"
                text = score_text(node, node.score, locale) if node.score is not None else ""
                blank = [b.cell(text), *(b.cell() for _ in heads[2:])]
                rows.append(b.Row((b.cell(title), *blank[: len(heads) - 1]), strong=True))
            rows += [_indicator_row(view, i, keep, locale) for i in some]
        if rows:
            title = _with_result(view, top, locale) if top else view.info.indicator_plural
            found += [b.Heading(title, 3), b.Table(heads, tuple(rows))]
    return found


def _descendants(view: UnitView, code: str) -> set[str]:
    """Return a group and every group below it."""
    inside = {code}
    for node in view.nodes:  # parents come before children
        if set(node.parents) & inside:
            inside.add(node.code)
    return inside


def _with_result(view: UnitView, node: NodeView, locale: Locale) -> str:
    """Return the title of an area with its result."""
    result = score_text(node, node.score, locale) if node.score is not None else ""
    if not result and node.level:
        result = _level_title(view, node.level)
    return f"{node.title}: {result}" if result else node.title


def _indicator_row(
    view: UnitView, indicator: IndicatorView, keep: list[bool], locale: Locale
) -> b.Row:
    """Return an indicator as a row."""
    chip = chip_of(view.info, indicator.scale, indicator.level, indicator.status)
    marks = {
        "carried": locale.text("kept from an earlier review"),
        "assumed": locale.text("assumed rule"),
        "when_missing": locale.text("data missing"),
        "undefined": locale.text("no published rule"),
        "gate": locale.text("held back by a condition"),
    }
    notes = [marks[r] for r in dict.fromkeys(indicator.remarks) if r in marks]
    title = f"{indicator.code} {indicator.title}"
    if notes:
        title += f" ({'; '.join(notes)})"
    earlier = indicator.earlier
    cells = [
        b.cell(title),
        b.cell(chip=chip) if chip else b.cell("–"),
        b.cell(value_text(indicator, locale), number=indicator.value),
        b.cell(chip=chip_of(view.info, indicator.scale, earlier.level, ""))
        if earlier and earlier.level
        else b.cell(""),
    ]
    return b.Row(tuple(c for c, kept in zip(cells, keep, strict=True) if kept), depth=1)


# -- strengths and weaknesses ---------------------------------------------------------------------


def strengths(view: UnitView) -> b.Section:
    """Return the areas that stand out, against peers if there are enough, else by their result."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("Strengths and weaknesses"))]
    rows = [n for n in _areas_of(view) if n.score is not None]
    tiers = {n.tier: n.tier_title for n in rows}
    by_tier = {t: [n for n in rows if n.tier == t] for t in tiers}
    by_tier = {t: some for t, some in by_tier.items() if len(some) > 1}
    if not by_tier:
        text = locale.text("There are too few areas with a result to compare them.")
        return _section(view, [*blocks, b.Paragraph(b.as_rich(text))])
    against_peers = all(n.peers is not None for n in rows)
    for tier, some in by_tier.items():
        ordered = sorted(some, key=lambda n: (-_strength(n, against_peers=against_peers), n.code))
        k = min(3, len(ordered) // 2)
        suffix = f": {tiers[tier]}" if len(by_tier) > 1 else ""
        for title, part in (
            (locale.text("Strongest"), ordered[:k]),
            (locale.text("Weakest"), list(reversed(ordered[-k:]))),
        ):
            items = tuple(
                _strength_item(n, against_peers=against_peers, locale=locale) for n in part
            )
            blocks += [b.Heading(title + suffix, 3), b.Bullets(items)]
    how = (
        locale.text("Ordered by the distance to the median of the peers.")
        if against_peers
        else locale.text("Ordered by result: without enough peers there is no other yardstick.")
    )
    blocks.append(b.Paragraph(b.as_rich(how), "note"))
    return _section(view, blocks)


def _strength(node: NodeView, *, against_peers: bool) -> float:
    """Return by how much an area stands out: its distance to the peers, else its result."""
    score = node.score or 0.0
    return score - (node.peers or 0.0) if against_peers else score


def _strength_item(node: NodeView, *, against_peers: bool, locale: Locale) -> b.Rich:
    """Return an area with its result and its distance to the peers."""
    if not against_peers or node.peers is None or node.score is None:
        return locale.rich(
            "**{title}**: {score}", title=node.title, score=score_text(node, node.score, locale)
        )
    return locale.rich(
        "**{title}**: {score}, {difference} points from the peers ({median})",
        title=node.title,
        score=score_text(node, node.score, locale),
        difference=locale.number(
            round(node.score, node.decimals) - round(node.peers, node.decimals),
            node.decimals,
            sign=True,
        ),
        median=score_text(node, node.peers, locale),
    )


# -- what next ------------------------------------------------------------------------------------


def next_steps(view: UnitView) -> b.Section:
    """Return what is closest to the next level, who is there already, and the roadmap."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("What next?"))]
    near = _nearest(view)
    if near:
        blocks += _steps(view, near, locale)
    else:
        blocks.append(b.Paragraph(b.as_rich(_no_steps(view, locale))))
    if view.roadmap is not None:
        plan = view.roadmap
        rows = tuple(
            b.Row(
                (
                    b.cell(t[0]),
                    b.cell(", ".join(str(c) for c in t[1]) or "–"),
                    b.cell(_marks(plan.marks, t[2])),
                )
            )
            for t in plan.tasks
        )
        heads = (
            b.ColumnHead(locale.text("Task"), width=2.6),
            b.ColumnHead(locale.text("Columns")),
            b.ColumnHead(locale.text("Marks")),
        )
        alt = locale.count("Roadmap with {n} task", "Roadmap with {n} tasks", len(plan.tasks))
        blocks += [
            b.Heading(plan.title, 3),
            b.Figure(figures.roadmap(plan), alt, plan.source, b.Table(heads, rows)),
        ]
        blocks += [b.Paragraph(b.as_rich(note), "note") for note in plan.notes]
    return _section(view, blocks)


def _marks(known: tuple[tuple[str, str, str], ...], marks: tuple[tuple[int, str], ...]) -> str:
    """Return the marks of a task in words."""
    titles = {name: title for name, title, _ in known}
    return ", ".join(f"{column}: {titles[mark]}" for column, mark in marks) or "–"


def _nearest(view: UnitView) -> list[IndicatorView]:
    """Return indicators below their best level whose gap is known, the smallest gap first."""
    found = []
    for indicator in view.indicators:
        levels = view.info.scales.get(indicator.scale or "", ())
        place = _place(view, indicator.scale, indicator.level)
        if not levels or not 0 <= place < len(levels) - 1 or not indicator.lacking:
            continue
        found.append(indicator)
    return sorted(
        found, key=lambda i: (len(i.lacking), -_place(view, i.scale, i.level), _natural(i.code))
    )


def _natural(code: str) -> tuple[tuple[int, str], ...]:
    """Return a key that sorts 4.4.10 after 4.4.9."""
    return tuple((int(p), "") if p.isdigit() else (0, p) for p in code.split("."))


def _steps(view: UnitView, near: list[IndicatorView], locale: Locale) -> list[b.Block | None]:
    """Return the list of what is closest to the best level."""
    levels = view.info.scales[near[0].scale or ""]
    best = levels[-1].title
    text = locale.count(
        "{n} checklist lacks something to reach {level}. These are the closest:",
        "{n} checklists lack something to reach {level}. These are the closest:",
        len(near),
        level=best,
    )
    with_peers = any(i.peers_top is not None for i in near[:MOST_STEPS])
    heads = [
        b.ColumnHead(view.info.indicator_title, width=2.2),
        b.ColumnHead(locale.text("Now"), width=1.1),
        b.ColumnHead(locale.text("What is lacking"), width=3.4),
        b.ColumnHead(locale.text("Review"), width=0.9),
    ]
    if with_peers:
        heads.append(b.ColumnHead(locale.text("Peers there"), width=1.3))
    review = {"once": locale.text("once"), "annual": locale.text("every year")}
    rows = []
    for i in near[:MOST_STEPS]:
        cells = [
            b.cell(f"{i.code} {i.title}"),
            b.cell(chip=chip_of(view.info, i.scale, i.level, i.status)),
            b.cell("; ".join(i.lacking)),
            b.cell(review.get(i.review or "", "–")),
        ]
        if with_peers:
            cells.append(b.cell(_peers_there(i, locale)))
        rows.append(b.Row(tuple(cells)))
    warning = locale.text(
        "A tick is no aim in itself: choose what serves people, and let the level follow. The "
        "order says what is closest, not what matters most."
    )
    return [
        b.Paragraph(b.as_rich(text)),
        b.Table(tuple(heads), tuple(rows)),
        b.Paragraph(b.as_rich(warning), "note"),
    ]


def _peers_there(indicator: IndicatorView, locale: Locale) -> str:
    """Return how many peers are at the best level, and some of them by name."""
    if indicator.peers_top is None:
        return "–"
    text = locale.text(
        "{k} of {n}", k=locale.integer(indicator.peers_top), n=locale.integer(indicator.peers_n)
    )
    return (
        f"{text}: {locale.listing(list(indicator.peers_there))}" if indicator.peers_there else text
    )


def _no_steps(view: UnitView, locale: Locale) -> str:
    """Return why no next step is listed."""
    if not any(i.status != "missing" for i in view.indicators):
        return locale.text(
            "The source gives totals by area, not indicators: which ones to mend first can't be "
            "told from these data. With the elements of each indicator this page lists what is "
            "closest to the next level."
        )
    if all(
        i.level
        and _place(view, i.scale, i.level) == len(view.info.scales.get(i.scale or "", ())) - 1
        for i in view.indicators
        if i.scale and i.level
    ) and any(i.scale and i.level for i in view.indicators):
        return locale.text(
            "Every indicator with a level is at its best one: the task is to keep it."
        )
    return locale.text(
        "The data do not say what each indicator lacks, so no next step can be derived from them."
    )


# -- how sure -------------------------------------------------------------------------------------


def certainty(view: UnitView) -> b.Section:
    """Return how sure the results are, by kind, and the defects found."""
    locale = locale_of(view.info)
    blocks: list[b.Block | None] = [b.Heading(locale.text("How sure are we?"))]
    for node in view.headline:
        text = _bounds_sentence(view, node, locale)
        if text:
            blocks.append(b.Paragraph(text))
    blocks.append(b.Paragraph(b.as_rich(_interval_sentence(view, locale))))
    blocks += _rule_effects(view, locale)
    blocks += warnings_blocks(view.warnings, view.notes, locale)
    blocks += rules_blocks(view.info, view.assumptions, locale)
    return _section(view, blocks)


def _bounds_sentence(view: UnitView, node: NodeView, locale: Locale) -> b.Rich | None:
    """Return what missing data could change at a headline."""
    if node.low is None or node.high is None:
        return None
    low, high = score_text(node, node.low, locale), score_text(node, node.high, locale)
    if low == high or node.high - node.low < 10**-node.decimals:
        if node.status == "reported" and not node.counts:
            return locale.rich(
                "**{title}: as reported by the source.** Its parts are not in these data, so it "
                "can't be recomputed.",
                title=node.title,
            )
        return locale.rich(
            "**{title}: nothing is missing that could change it.**", title=node.title
        )
    open_ = sum(node.counts.get(s) or 0.0 for s in ("not_available", "missing", "undetermined"))
    if open_:
        return locale.rich(
            "**{title}: between {low} and {high}**, if the {n} indicators without information all "
            "fail or all reach the best level.",
            title=node.title,
            low=low,
            high=high,
            n=locale.integer(open_),
        )
    return locale.rich(
        "**{title}: between {low} and {high}**, whatever the missing data turn out to be.",
        title=node.title,
        low=low,
        high=high,
    )


def _interval_sentence(view: UnitView, locale: Locale) -> str:
    """Return why there is no margin of error."""
    kinds = {i.kind for i in view.indicators}
    if kinds & {"checklist", "statement", "measure", "grade"}:
        return locale.text(
            "There is no margin of error: every municipality is read against the same list of "
            "facts, and nothing was sampled. What remains is what the reviewer could see, and how "
            "the rules were read."
        )
    return locale.text(
        "There is no margin of error: the source states neither a sample nor the precision of its "
        "scores."
    )


def _rule_effects(view: UnitView, locale: Locale) -> list[b.Block | None]:
    """Return what rules for missing data and for open cases did, in counts."""
    texts = {
        "when_missing": marked_plural(
            "{n} indicator has the level or state that the instrument gives to missing data.",
            "{n} indicators have the level or state that the instrument gives to missing data.",
        ),
        "undefined": marked_plural(
            "{n} indicator has no result, because no rule is printed for its case.",
            "{n} indicators have no result, because no rule is printed for their case.",
        ),
        "missing_reference": marked_plural(
            "{n} indicator lacks a reference value that is not printed.",
            "{n} indicators lack a reference value that is not printed.",
        ),
        "carried": marked_plural(
            "{n} indicator keeps its level from an earlier review.",
            "{n} indicators keep their level from an earlier review.",
        ),
        "gate": marked_plural(
            "{n} indicator is held below the best level by a condition beside its elements.",
            "{n} indicators are held below the best level by a condition beside their elements.",
        ),
    }
    items = []
    for kind, (one, many) in texts.items():
        n = sum(1 for i in view.indicators if kind in i.remarks)
        if n:
            items.append(b.as_rich(locale.count(one, many, n)))
    return [b.Bullets(tuple(items))] if items else []


# -- how it was made ------------------------------------------------------------------------------


def method(view: UnitView) -> b.Section:
    """Return how the report was made and how to check it."""
    locale = locale_of(view.info)
    rows = [(locale.text("Measurement"), _measurement(view))]
    if view.stage:
        rows.append((locale.text("Stage"), view.stage))
    blocks: list[b.Block | None] = [b.Heading(locale.text("How was this made?"))]
    blocks += method_blocks(view.info, rows, locale)
    return _section(view, blocks)
