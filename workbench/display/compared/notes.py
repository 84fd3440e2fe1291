"""What a reader of a comparison must know: who was left out, what is doubtful, what was chosen."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.compared.common import PAIRS, ComparedView
from workbench.display.parts import effect_text, notes_blocks, sentence
from workbench.language import Locale
from workbench.study.views import worst_of

MOST_LISTED = 12


def notes(view: ComparedView) -> b.Section:
    """Return who was left out, doubtful assumptions, and defects of the data."""
    locale = view.locale
    if view.follows and not view.told:
        return view.section([])
    blocks: list[b.Block | None] = [b.Heading(locale.text("What to keep in mind"))]
    said = dict.fromkeys(
        note for a in view.found.answers for note in a.result.notes(view.study.locale.tag)
    )
    if took := _took_part(view):
        said[took] = None
    if said:
        blocks.append(b.Bullets(tuple(b.as_rich(note) for note in said)))
    elif view.told:
        text = locale.text("Nobody was left out, and no assumption of the comparison is in doubt.")
        blocks.append(b.Paragraph(b.as_rich(text)))
    if not view.follows:
        blocks.append(_defects(view, locale))
        blocks += notes_blocks(view.cohort.notes, locale)
    return view.section(blocks)


def _took_part(view: ComparedView) -> str:
    """Return what an interval means by who was measured; empty where the study does not say."""
    declared, noun = view.data.spec.took_part, view.noun
    if not any(a.result.interval or PAIRS in a.result.tables for a in view.told):
        return ""
    match declared:
        case "all":
            return noun.text(
                "All {nouns} were measured, and none drawn at random: the intervals do not tell "
                "the error of a sample, but how far what moves single {nouns} from one year to "
                "another could move the result."
            )
        case "sample":
            return noun.text("The {nouns} measured were drawn at random from all of them.")
        case "volunteers":
            return noun.text(
                "The {nouns} measured took part because they wanted to: the results describe them, "
                "and not those that did not take part."
            )
    return ""


def _defects(view: ComparedView, locale: Locale) -> b.Block | None:
    """Return the defects of the data that were found; None where there are none."""
    found = view.cohort.warnings
    if not found:
        return None
    items = [b.as_rich(effect_text(worst_of(w.changes for w in found), locale))]
    items += [
        locale.rich("**{name}**: {text}", name=w.name, text=w.text) if w.name else b.as_rich(w.text)
        for w in found[:MOST_LISTED]
    ]
    if len(found) > MOST_LISTED:
        more = locale.count("{n} more is not shown.", "{n} more are not shown.",
                            len(found) - MOST_LISTED)  # fmt: skip
        items.append(b.as_rich(more))
    return b.Callout("warning", locale.text("Defects found in the data"), tuple(items))


def choice(view: ComparedView) -> b.Section:
    """Return why these comparisons were made, and which were not, and why."""
    locale, tag = view.locale, view.study.locale.tag
    made = dict.fromkeys(
        (a.result.method.text(tag), sentence(a.why.text(tag)))
        for a in view.found.answers
        if a.result.refusal is None
    )
    blocks: list[b.Block | None] = []
    if made:
        blocks += [
            b.Heading(locale.text("Why these comparisons"), 3),
            b.Bullets(_pairs(list(made), locale)),
        ]
    left = dict.fromkeys((n.what.text(tag), n.why.text(tag)) for n in view.found.not_chosen)
    if left:
        blocks += [
            b.Heading(locale.text("Comparisons that were not made"), 3),
            b.Bullets(_pairs([(what, sentence(why)) for what, why in left], locale)),
        ]
    heading = b.Heading(locale.text("How the comparisons were chosen"))
    return view.section([heading, *blocks] if blocks else [])


def _pairs(some: list[tuple[str, str]], locale: Locale) -> tuple[b.Rich, ...]:
    """Return names with what is said of them."""
    return tuple(
        locale.rich("**{name}**: {text}", name=name, text=text) if name else b.as_rich(text)
        for name, text in some
    )
