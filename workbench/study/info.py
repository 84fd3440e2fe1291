"""What all views of a study share."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import numpy as np

from workbench.language import Locale
from workbench.scoring.states import EFFECTS, State
from workbench.specs.common import Source, noun_in
from workbench.specs.instrument import Conditions, Share
from workbench.study import views as v
from workbench.study.assumptions import assumptions_of
from workbench.study.surveys import samples_of

if TYPE_CHECKING:
    from workbench.instruments import Instrument
    from workbench.study.facade import Study


def package_version() -> str:
    """Return the version of the workbench."""
    try:
        return version("municipal-workbench")
    except PackageNotFoundError:
        return "unknown"


def study_info(study: Study) -> v.StudyInfo:
    """Return what all views of a study share, in its language."""
    spec, instrument, locale = study.spec, study.instrument, study.locale
    tag, language = locale.tag, instrument.spec.language
    every_row = np.arange(len(study.scores.cases))
    measured = [study.scores.results[c].state != State.MISSING for c in instrument.indicators]
    own = instrument.spec
    return v.StudyInfo(
        study=spec.id,
        title=spec.title.in_(tag),
        description=spec.description.in_(tag) if spec.description else "",
        example=spec.example or own.example,
        author=spec.author.in_(tag),
        date=spec.date.isoformat(),
        licence=spec.licence,
        locale=tag,
        instrument=own.id,
        instrument_title=own.title.in_(tag, language),
        instrument_short=(own.short_title or own.title).in_(tag, language),
        publisher=own.publisher.in_(tag, language),
        version=own.version,
        completeness=own.completeness,
        completeness_note=instrument.text(own.completeness_note, tag),
        unit_noun=_unit_noun(study),
        indicator_title=instrument.text(own.indicator_title, tag) or locale.text("Indicator"),
        indicator_plural=instrument.text(own.indicator_plural, tag) or locale.text("Indicators"),
        share_level=_share_level(instrument),
        kinds=tuple(sorted({instrument.nodes[c].kind for c in instrument.indicators})),
        n_indicators=len(instrument.indicators),
        has_indicators=bool(np.any(measured)) if measured else False,
        has_conditions=any(
            isinstance(instrument.nodes[c].aggregate, Conditions) for c in instrument.groups
        ),
        scales={
            scale.id: tuple(
                v.LevelInfo(
                    id=level.id,
                    title=level.title.in_(tag, language),
                    colour=level.colour,
                    place=place,
                    of=len(scale.levels),
                    follows=instrument.text(level.follows, tag),
                )
                for place, level in enumerate(scale.levels)
            )
            for scale in own.scales
        },
        states=_state_titles(instrument, locale),
        gaps=tuple(gap.in_(tag, language) for gap in own.gaps),
        sources=tuple(_source(s, tag, language) for s in spec.sources),
        method_sources=tuple(_source(s, tag, language) for s in own.sources),
        recovered=tuple(
            v.AssumptionView(status=a.status, reason=a.reason.in_(tag, language))
            for a in assumptions_of(study.scores, every_row)
            if a.status == "recovered"
        ),
        samples=samples_of(study),
        peers_source=study.peers.source.in_(tag) if study.peers.source else "",
        run_id=study.run_id,
        package_version=package_version(),
        foreign=study.foreign,
    )


def _unit_noun(study: Study) -> v.NounView:
    """Return what the units are called: as the study says, else as the instrument does."""
    own = study.instrument.spec
    noun = noun_in(study.spec.unit_noun or own.unit_noun, study.locale, own.language)
    return v.NounView(one=noun.one, many=noun.many, gender=noun.gender)


def _share_level(instrument: Instrument) -> str | None:
    """Return the level whose share is the result, if the instrument counts one."""
    for code in instrument.headline:
        rule = instrument.nodes[code].aggregate
        if isinstance(rule, Share):
            return rule.level
    return None


def _state_titles(instrument: Instrument, locale: Locale) -> dict[str, str]:
    """Return names of the states without a level: the instrument's, else the interface's."""
    names = {
        "missing": locale.text("No data"),
        "not_available": locale.text("Not available"),
        "not_measurable": locale.text("Not measurable"),
        "not_applicable": locale.text("Not applicable"),
        "undetermined": locale.text("No published rule"),
        "bounded": locale.text("Known only in part"),
        "insufficient": locale.text("Insufficient information"),
    }
    # Several states may have one effect; the first stands for them where none was recorded.
    for state in reversed(instrument.spec.states):
        key = EFFECTS[state.effect].name.lower()
        names[key] = state.title.in_(locale.tag, instrument.spec.language)
    return names


def _source(source: Source, tag: str, language: str) -> v.SourceView:
    """Return a source in the language of the study."""
    return v.SourceView(
        title=source.title.in_(tag, language),
        publisher=source.publisher.in_(tag, language) if source.publisher else None,
        year=source.year,
        url=source.url,
        terms=source.terms.in_(tag, language) if source.terms else "",
        note=source.note.in_(tag, language) if source.note else "",
    )
