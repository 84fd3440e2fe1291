"""Head and foot of an audit, and its verdict in plain words."""

from __future__ import annotations

import numpy as np

from workbench.audit.limits import AVAILABLE, FAR, POSSIBLE, SURE
from workbench.audit.statistics import LOW, OUT
from workbench.display import blocks as b
from workbench.display.audit.common import AuditView, plain, wide
from workbench.display.audit.words import choice_name
from workbench.display.parts import assumed_callout, example_callout, method_blocks
from workbench.language import Locale, marked

# How wide the range of half of the units is, in places, and what that lets one say.
GRADES = {
    "firm": marked("The ranking holds."),
    "rough": marked("The ranking tells groups of neighbours apart, not single places."),
    "loose": marked("The ranking depends on the choices made."),
}


def cover(view: AuditView) -> b.Section:
    """Return the head of the report: which index is looked at, and when it was measured."""
    locale, info, found = view.locale, view.info, view.found
    facts = [(locale.text("Measurement"), view.wave)]
    if found.index is not None:
        indicators = len(found.structure.indicators)
        facts = [
            (view.noun.titles, locale.integer(len(found.values))),
            (locale.text("Indicators"), locale.integer(indicators)),
            *facts,
        ]
    head = b.Cover(
        locale.text("Audit of the index"),
        info.instrument_title,
        info.title,
        tuple(facts),
        locale.text("Example") if info.example else "",
    )
    lead = plain(info.description) if info.description else None
    return view.section([head, lead, example_callout(info)])


def verdict(view: AuditView) -> b.Section:
    """Return how far the ranking can be trusted, and what speaks against it."""
    locale, found = view.locale, view.found
    blocks: list[b.Block | None] = [b.Heading(locale.text("How far can the ranking be trusted?"))]
    result = found.robustness
    if result.refusal is not None:
        title = locale.text("This can't be told from these data")
        blocks.append(b.Callout("warning", title, (b.as_rich(result.sentence(locale.tag)),)))
    else:
        places = found.places
        range_ = view.noun.count(
            "With other reasonable choices half of the {nouns} have a range of {n} place or less, "
            "of {all} places.",
            "With other reasonable choices half of the {nouns} have a range of {n} places or less, "
            "of {all} places.",
            wide(view),
            all=locale.integer(len(places)),
        )
        text = f"{locale.text(GRADES[found.grade])} {range_}"
        blocks.append(plain(text, "lead"))
        blocks.append(b.Bullets(tuple(_findings(view, locale))))
        if not found.declared:
            text = locale.text(
                "The study declares no plan, so only weights and the indicator that is left out "
                "were varied. Other scales, means or treatments can be declared under comparisons: "
                "robustness."
            )
            blocks.append(plain(text, "note"))
    blocks.append(assumed_callout(view.info, view.cohort.assumptions, locale))
    return view.section(blocks)


def _findings(view: AuditView, locale: Locale) -> list[b.Rich]:
    """Return what the audit found, most important first."""
    found, noun = view.found, view.noun
    details, places = found.robustness, found.places
    reach = np.maximum(places["rank"] - places["low"], places["high"] - places["rank"])
    far = int((reach > FAR).sum())
    values = {"n": locale.integer(len(places)), "far": locale.integer(FAR)}
    moving = noun.rich(
        "**{k} of {n} {nouns}** would move more than {far} places in some of the choices; in "
        "the mean of all choices {share} do.",
        k=locale.integer(far),
        share=locale.percent(100 * float(details.details["share_moved"] or 0.0), 0),
        **values,
    )
    if not far:
        moving = noun.rich(
            "**None of the {n} {nouns}** has a range that reaches more than {far} places from "
            "where it stands.",
            **values,
        )
    items = [moving, _top(view, locale)]
    indices = details.tables.get("indices")
    if indices is not None and len(indices) > 1:
        most = str(indices["ST"].idxmax())
        items.append(
            locale.rich("What moves places most is **{choice}**.", choice=choice_name(most, locale))
        )
    items += _doubts(view, locale)
    return items


def _top(view: AuditView, locale: Locale) -> b.Rich:
    """Return how sure the first places are."""
    places, top = view.found.places, view.found.plan.top
    sure = int((places["top"] >= SURE).sum())
    able = int((places["top"] > POSSIBLE).sum())
    return view.noun.rich(
        "**Among the first {top}**: {sure} {nouns} are there in {share} of the choices or "
        "more, and {able} could be.",
        share=locale.percent(100 * SURE, 0),
        top=locale.integer(top),
        sure=locale.integer(sure),
        able=locale.integer(able),
    )


def _doubts(view: AuditView, locale: Locale) -> list[b.Rich]:
    """Return what about the index itself speaks against trusting it."""
    found, items = view.found, list[b.Rich]()
    if not found.enough:
        return items
    against = found.against
    if against:
        items.append(
            locale.rich(
                "**Against their group** go: {names}. A higher score there goes with a lower one "
                "of what they belong to.",
                names=view.listed(against),
            )
        )
    # Two values, as reached or not, have no outliers.
    numbers = found.statistics[found.statistics["n_unique"] > 2]
    outliers = numbers.index[numbers["flag_skew_kurtosis"] == OUT].tolist()
    if outliers:
        items.append(locale.rich("**With outliers**: {names}.", names=view.listed(outliers)))
    low = found.statistics.index[found.statistics["flag_available"] == LOW].tolist()
    if low:
        items.append(
            locale.rich(
                "**Measured in less than {share} of the units**: {names}.",
                share=locale.percent(100 * AVAILABLE, 0),
                names=view.listed(low),
            )
        )
    return items


def method(view: AuditView) -> b.Section:
    """Return how the report was made and how to check it."""
    locale = view.locale
    rows = [(locale.text("Measurement"), view.wave)]
    result = view.found.robustness
    if result.refusal is None:
        rows += [
            (locale.text("Draws"), locale.integer(result.replicates or 0)),
            (locale.text("Seed"), str(result.seed)),
        ]
    heading = b.Heading(locale.text("How was this made?"))
    text = locale.text(
        "The sections follow the ten steps of the Handbook on Constructing Composite Indicators "
        "(OECD and Joint Research Centre 2008)."
    )
    return view.section([heading, plain(text), *method_blocks(view.info, rows, locale)])
