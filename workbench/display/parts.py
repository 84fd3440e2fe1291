"""Parts that unit and cohort reports share: chips, counts, number cells, provenance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from workbench.display import blocks as b
from workbench.display.figures import Part, score_text
from workbench.display.style import level_chip, state_chip
from workbench.display.values import plain_number, with_unit
from workbench.language import Locale, Noun, as_locale
from workbench.study.views import (
    AssumptionView,
    IndicatorView,
    NodeView,
    RankInfo,
    SourceView,
    StudyInfo,
    WarningView,
    worst_of,
)

# States in the order in which they follow the levels of a bar.
STATE_ORDER = (
    "undetermined", "not_available", "bounded", "missing", "not_measurable", "not_applicable",
)  # fmt: skip


# Those among them that could still turn out to be at a level.
OPEN_STATES = ("undetermined", "not_available", "bounded", "missing")

# Kinds of indicators that read facts; of scores and measures it is not known how they came about:
# a figure that a source gives may rest on a sample.
FACTS = frozenset({"checklist", "statement"})


def locale_of(info: StudyInfo) -> Locale:
    """Return the locale of a view."""
    return as_locale(info.locale)


def chip_of(info: StudyInfo, scale: str | None, level: str | None, status: str) -> b.Chip | None:
    """Return the chip of a level, or of the state where there is no level."""
    if scale and level:
        return next(level_chip(entry) for entry in info.scales[scale] if entry.id == level)
    title = info.states.get(status)
    return state_chip(status, title) if title else None


def place_is_open(rank: RankInfo) -> bool:
    """Return whether missing data could move a place; ties alone do not."""
    return (rank.best, rank.worst) != (rank.rank, rank.rank)


def noun_of(info: StudyInfo) -> Noun:
    """Return what the units of a view are called."""
    noun = info.unit_noun
    return Noun(locale_of(info), noun.one, noun.many, noun.gender)


def indicators_of(info: StudyInfo) -> str:
    """Return what the instrument calls its indicators, within a sentence: *reactivos*."""
    return info.indicator_plural[:1].lower() + info.indicator_plural[1:]


def place_certainty(rank: RankInfo, noun: Noun) -> str:
    """Return what missing data could do to a place, or that it can't be told."""
    locale = noun.locale
    if place_is_open(rank):
        values = {"best": locale.integer(rank.best), "worst": locale.integer(rank.worst)}
        if rank.known and rank.scored < rank.n:
            return noun.text(
                "with the data that are not available it could be from {best} to {worst} of {n} "
                "{nouns}",
                n=locale.integer(rank.n),
                **values,
            )
        if rank.known:
            return locale.text(
                "with the data that are not available it could be from {best} to {worst}", **values
            )
        return noun.text(
            "with the data that are not available it could be from {best} to {worst}, or more: of "
            "some {nouns} only the result is published",
            **values,
        )
    if rank.known:
        return locale.text("no missing data could change it")
    return locale.text(
        "whether missing data could change it can't be told, because only the results are "
        "published, not what they are made of"
    )


def measured_when(title: str, iso: str | None, locale: Locale) -> str:
    """Return the title of a wave with its date, once where one says the other."""
    if iso is None:
        return title
    when = locale.when(iso)
    return when if title in when else f"{title} ({when})"


def rank_text(rank: RankInfo, locale: Locale) -> str:
    """Return a place with the range that ties and missing data leave open: *14 (7–27)*."""
    text = locale.integer(rank.rank)
    if not rank.known and not place_is_open(rank):
        return f"{text} ({locale.text('not known')})"
    return f"{text} ({locale.integer(rank.best)}–{locale.integer(rank.worst)})"


def parts_of(info: StudyInfo, counts: dict[str, float | None], n: int) -> list[Part]:
    """Return counts as parts of a bar, best level first; what no count accounts for comes last.

    Parameters
    ----------
    info : StudyInfo
    counts : mapping
        By level id and state; None where a count is not known.
    n : int
        Indicators in all.
    """
    if not counts:
        return []
    parts: list[Part] = []
    for levels in info.scales.values():
        ids = {level.id for level in levels}
        if ids <= set(counts):
            parts += [
                (level_chip(level), counts[level.id] or 0.0)
                for level in reversed(levels)
                if counts[level.id] is not None
            ]
            break
    for state in STATE_ORDER:
        count = counts.get(state)
        if count:
            parts.append((state_chip(state, info.states[state]), count))
    rest = n - sum(count for _, count in parts)
    if rest > 0:
        title = not_broken_down(locale_of(info))
        parts.append((state_chip("missing", title), rest))
    return parts


def not_broken_down(locale: Locale) -> str:
    """Return the name of indicators that no count accounts for."""
    return locale.text("Not broken down")


def areas_of(nodes: tuple[NodeView, ...], headline: list[str]) -> list[NodeView]:
    """Return what the headline is made of and groupings beside it, where they have results.

    Parameters
    ----------
    nodes : tuple of NodeView
        Parents before children.
    headline : list of str
        Codes of the result; may be empty.
    """
    tops = {n.code for n in nodes if n.depth == 0}
    known = [
        n
        for n in nodes
        if any(x is not None for x in (n.score, n.level, n.cohort))
        or n.counts
        or n.status == "bounded"
    ]
    if headline:
        chosen = [
            n
            for n in known
            if n.code not in headline and (n.code in tops or set(n.parents) & set(headline))
        ]
    else:
        chosen = [n for n in known if n.code in tops] or [n for n in known if set(n.parents) & tops]
    return chosen


def nothing_to_compare(areas: list[NodeView], locale: Locale) -> b.Paragraph:
    """Return why no area stands out: there are none, or too few with a result."""
    if not areas:
        text = locale.text("The results have no areas below them to compare with each other.")
    else:
        text = locale.text("There are too few areas with a result to compare them.")
    return b.Paragraph(b.as_rich(text))


def number_cell(
    node: NodeView, value: float | None, locale: Locale, *, sign: bool = False
) -> b.Cell:
    """Return a score as a cell."""
    return b.cell(score_text(node, value, locale, sign=sign), number=value)


def value_text(indicator: IndicatorView, locale: Locale, *beside: float | None) -> str:
    """Return what was measured: *3 of 4 elements*, *92.4 percent*; empty where nothing was.

    A number is printed like those that stand ``beside`` it.
    """
    value = indicator.value
    if value is None or indicator.status == "carried":
        return ""
    if indicator.kind == "checklist" and indicator.full is not None:
        return locale.text(
            "{met} of {n}", met=locale.integer(value), n=locale.integer(indicator.full)
        )
    if indicator.kind == "statement":
        return locale.text("yes") if value else locale.text("no")
    if indicator.kind == "points" and indicator.full is not None:
        full = plain_number(indicator.full, locale)
        return locale.text("{met} of {n}", met=plain_number(value, locale, *beside), n=full)
    before = indicator.earlier.value if indicator.earlier else None
    return with_unit(value, indicator.unit, locale, before, *beside)


def assumed_callout(
    info: StudyInfo, assumptions: tuple[AssumptionView, ...], locale: Locale
) -> b.Callout | None:
    """Return the remark that a result rests on assumed rules; None where it does not."""
    assumed = [a for a in assumptions if a.status == "assumed"]
    if not assumed and info.completeness == "published":
        return None
    items = []
    if info.completeness != "published":
        text = locale.text(
            "The instrument is published only in part: some of its rules are assumed or unknown."
        )
        items.append(b.as_rich(info.completeness_note or text))
    items += [b.as_rich(sentence(a.reason)) for a in assumed[:4]]
    if len(assumed) > 4:
        more = locale.count(
            "{n} more assumed rule is listed at the end.",
            "{n} more assumed rules are listed at the end.",
            len(assumed) - 4,
        )
        items.append(b.as_rich(more))
    title = (
        locale.text("This result rests on assumed rules")
        if assumed
        else locale.text("The instrument is public only in part")
    )
    return b.Callout("warning", title, tuple(items))


def example_callout(info: StudyInfo) -> b.Callout | None:
    """Return the remark that the data are fictitious; None where they are not."""
    if not info.example:
        return None
    locale, noun = locale_of(info), noun_of(info)
    text = noun.text(
        "The name and the data are made up to show what a report contains. They describe no real "
        "{noun}."
    )
    return b.Callout("example", locale.text("Example with fictitious data"), (b.as_rich(text),))


def rules_blocks(assumptions: tuple[AssumptionView, ...], locale: Locale) -> list[b.Block]:
    """Return the rules that no source prints, by status."""
    names = {
        "assumed": locale.text("Assumed rules"),
        "recovered": locale.text("Rules recovered from published results"),
        "inferred": locale.text("Rules read from the wording"),
        "unverified": locale.text("Rules not yet compared with the printed source"),
    }
    found: list[b.Block] = []
    for status, name in names.items():
        own = [a for a in assumptions if a.status == status]
        if own:
            items = tuple(b.as_rich(sentence(a.reason)) for a in own)
            found += [b.Heading(name, 3), b.Bullets(items)]
    return found


def warnings_blocks(
    warnings: tuple[WarningView, ...], notes: tuple[str, ...], locale: Locale
) -> list[b.Block]:
    """Return the defects of the data, or that none was found, and the study's notes."""
    found: list[b.Block] = []
    if warnings:
        items = (
            *(b.as_rich(w.text) for w in warnings),
            b.as_rich(effect_text(worst_of(w.changes for w in warnings), locale)),
        )
        found.append(b.Callout("warning", locale.text("Defects found in the data"), items))
    else:
        text = locale.text("No contradiction was found in the data of this report.")
        found.append(b.Paragraph(b.as_rich(text)))
    return [*found, *notes_blocks(notes, locale)]


def effect_text(changes: bool | None, locale: Locale) -> str:
    """Return whether defects of the data change the result."""
    if changes is None:
        return locale.text("Whether this changes the result can't be told from the data.")
    if changes:
        return locale.text("The result rests on these data: it could be another one.")
    return locale.text("This does not change the result.")


def notes_blocks(notes: tuple[str, ...], locale: Locale) -> list[b.Block]:
    """Return the study's notes on its data."""
    if not notes:
        return []
    return [b.Callout("info", locale.text("Notes on the data"), tuple(b.as_rich(n) for n in notes))]


def method_blocks(info: StudyInfo, rows: list[tuple[str, str]], locale: Locale) -> list[b.Block]:
    """Return how a report was made: who, when, from what, with what, and how to check it."""
    facts = [
        (locale.text("Study"), info.title),
        (locale.text("Study id"), info.study),
        (locale.text("Prepared by"), info.author),
        (locale.text("Date"), locale.date(dt.date.fromisoformat(info.date))),
        *rows,
        (locale.text("Instrument"), f"{info.instrument_title}, {info.publisher}"),
        (
            locale.text("Instrument file"),
            f"{info.instrument}, {locale.text('version')} {info.version}",
        ),
        (locale.text("Licence of this report"), info.licence or locale.text("not stated")),
        (locale.text("Run"), info.run_id or locale.text("computed in a notebook, outside a run")),
        (locale.text("Software"), f"municipal-workbench {info.package_version}"),
    ]
    if info.run_id:
        check = locale.text(
            "In the folder of the run, sha256sum -c SHA256SUMS compares every file, "
            "and workbench verify . --rerun 1 makes a report again and compares it."
        )
        facts.append((locale.text("How to check it"), check))
    table = b.Table(
        (
            b.ColumnHead(locale.text("What"), width=1.0),
            b.ColumnHead(locale.text("Which"), width=3.0),
        ),
        tuple(b.Row((b.cell(k), b.cell(v))) for k, v in facts),
    )
    found: list[b.Block] = [table]
    for title, sources in (
        (locale.text("Sources of the data"), info.sources),
        (locale.text("Sources of the method"), info.method_sources),
    ):
        if sources:
            items = tuple(b.as_rich(source_text(s, locale)) for s in sources)
            found += [b.Heading(title, 3), b.Bullets(items)]
    if info.gaps:
        found.append(b.Heading(locale.text("What the instrument leaves open"), 3))
        found.append(b.Bullets(tuple(b.as_rich(sentence(g)) for g in info.gaps)))
    return found


def source_text(source: SourceView, locale: Locale) -> str:
    """Return a source in one line."""
    parts = [source.publisher, source.title, str(source.year) if source.year else None]
    line = sentence(". ".join(p for p in parts if p))
    terms = locale.text("Terms of these data: {terms}", terms=source.terms) if source.terms else ""
    extra = [sentence(t) for t in (terms, source.note) if t]
    return " ".join([line, *([source.url] if source.url else []), *extra])


def added_up_nowhere(locale: Locale) -> str:
    """Return what is to be known of numbers of which nothing makes a result."""
    return locale.text("The numbers stand side by side; nothing is added up.")


def wholly_own_wave(noun: Noun) -> b.Rich:
    """Return why two results are not subtracted that are measured against their own waves."""
    return noun.rich(
        "**Why there is no difference:** each time the result is measured against the {nouns} of "
        "that time. A difference would also tell of the others, so whether it got better or worse "
        "cannot be told from it. What it is made of can be compared, and so can places."
    )


def partly_own_wave(noun: Noun) -> str:
    """Return the caution beside changes of results with parts that depend on the others."""
    return noun.text(
        "Part of the result is measured each time against the {nouns} of that time: that part of a "
        "change also tells of the others."
    )


def recorded_change(info: StudyInfo, locale: Locale, *, precise: bool = False) -> b.Rich:
    """Return whether a change is real, as far as recorded facts or scores can say.

    Parameters
    ----------
    info : StudyInfo
    locale : Locale
    precise : bool
        Whether the measurement error of some of the changes is known.
    """
    if precise:
        return locale.rich(
            "**Is it real?** It is a change in what was recorded. Where the precision of a score "
            "is known, it is told whether the change is beyond measurement error; where it is not, "
            "no margin of error can be given. A change beyond it can also come from better "
            "evidence, another reviewer or another reading of the rules, and it says nothing of "
            "its cause."
        )
    if info.samples:
        return locale.rich(
            "**Is it real?** It is a change in what was recorded, and part of it rests on answers "
            "of people. Whether chance alone could bring it about needs a calculation that uses "
            "the design of the survey. It says nothing of its cause."
        )
    if FACTS & set(info.kinds):
        return locale.rich(
            "**Is it real?** It is a change in what was recorded. Nothing was sampled, so chance "
            "has no part in it and there is no margin of error. It can also come from better "
            "evidence, another reviewer or another reading of the rules, and it says nothing of "
            "its cause."
        )
    return locale.rich(
        "**Is it real?** It is a change in what was recorded. The source states neither a sample "
        "nor the precision of its results, so no margin of error can be given. It can also come "
        "from better evidence, another reviewer or another reading of the rules, and it says "
        "nothing of its cause."
    )


def named(names: list[str], most: int, locale: Locale) -> str:
    """Return names as a list, the first of them where they are many: *a; b; and 3 more*."""
    if len(names) <= most + 1:  # *and 1 more* takes the room of the name
        return "; ".join(names)
    listed = "; ".join(names[:most])
    more = locale.count("and {n} more", "and {n} more", len(names) - most)
    return f"{listed}; {more}"


def sentence(text: str) -> str:
    """Return a text with a full stop at its end."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def what_is_known(nodes: Sequence[NodeView], locale: Locale) -> str:
    """Return why no indicator is shown: the source gives results by area, or a total only."""
    if nodes:
        return locale.text(
            "The source gives results by area only: which indicators stand behind them can't be "
            "told from these data."
        )
    return locale.text(
        "The source gives one result only: neither areas nor indicators are in these data."
    )


def at_the_top(info: StudyInfo, node: NodeView) -> bool:
    """Return whether a result can't be better: its maximum, or the best level of its scale."""
    if node.score is None:
        return False
    if node.maximum is not None:
        return node.score >= node.maximum
    levels = info.scales.get(node.scale or "", ())
    return bool(levels) and node.level == levels[-1].id
