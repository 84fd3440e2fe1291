"""The picture of a comparison: slopes and flows, groups, estimates, a start, funnels, places."""

from __future__ import annotations

from workbench.display import blocks as b
from workbench.display.compared.common import ComparedView
from workbench.display.compared.estimates import by_unit
from workbench.display.compared.picture_of_chance import funnel_pictures
from workbench.display.compared.picture_of_change import change_pictures
from workbench.display.compared.picture_of_groups import group_pictures
from workbench.display.compared.picture_of_places import place_pictures
from workbench.display.compared.picture_of_programme import programme_pictures


def picture(view: ComparedView) -> b.Section:
    """Return the pictures that fit the question; none where nothing could be compared."""
    if not view.told:
        return view.section([])
    match view.found.question:
        case "change":
            return view.section(change_pictures(view))
        case "programme":
            return view.section(programme_pictures(view))
        case "groups":
            return view.section(group_pictures(view))
        case "chance":
            return view.section(funnel_pictures(view))
        case "rank":
            return view.section(place_pictures(view))
    return view.section(by_unit(view, [a for a in view.told if not a.beside]))
