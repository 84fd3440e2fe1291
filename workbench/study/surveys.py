"""What people were asked, and what a unit's results rest on: answers, weights, errors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from workbench.observations.surveyed import weight_ratio
from workbench.specs.survey import ShareRule
from workbench.study import views as v

if TYPE_CHECKING:
    from workbench.study.build import ViewBuilder
    from workbench.study.facade import Study


def surveys_of(builder: ViewBuilder, unit: str, wave: str) -> tuple[v.SurveyView, ...]:
    """Return what was asked in one wave and what it gave, in the order of the study.

    Parameters
    ----------
    builder : ViewBuilder
    unit, wave : str
    """
    surveyed = builder.study.observations.surveyed
    if surveyed.empty:
        return ()
    own = surveyed.loc[(surveyed["unit"] == unit) & (surveyed["wave"] == wave)]
    return tuple(
        _survey(builder, {str(k): x for k, x in row.items()}) for row in own.to_dict("records")
    )


def _survey(builder: ViewBuilder, row: dict[str, object]) -> v.SurveyView:
    """Return one result with the question behind it."""
    table = builder.study.spec.respondents[int(str(row["table"]))]
    item = table.items[str(row["item"])]
    code = str(row["code"])
    rule = item.gives[code]
    owner = builder.instrument.observables[code].owner
    share = rule if isinstance(rule, ShareRule) else None
    return v.SurveyView(
        code=code,
        title=builder.instrument.title(owner, builder.locale),
        question=item.title.in_(builder.locale),
        rule="share" if share else str(rule),
        counted=tuple(item.options[x].in_(builder.locale) for x in share.share) if share else (),
        of_asked=share is not None and share.of == "asked",
        value=v.rounded(row["value"]),
        std_error=v.rounded(row["std_error"]),
        answered=_count(row["answered"]),
        asked=_count(row["asked"]),
        withheld=bool(row["withheld"]),
        hidden=bool(row["hidden"]),
        minimum=int(str(row["least"])),
        table=int(str(row["table"])),
    )


def _count(number: object) -> int | None:
    """Return how many people; None where that is suppressed."""
    found = float(str(number))
    return None if math.isnan(found) else int(found)


def samples_of(study: Study) -> tuple[v.SampleView, ...]:
    """Return how the respondents of each survey of a study were chosen."""
    return tuple(
        v.SampleView(
            sample=survey.spec.design.sample,
            weighted=survey.spec.design.weight is not None,
            source=source.in_(study.locale.tag) if (source := survey.spec.design.source) else "",
            spread=v.rounded(weight_ratio(survey), 3) or 1.0,
        )
        for survey in study.observations.surveys
    )
