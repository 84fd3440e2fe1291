"""Where the pages of a PDF break: a figure or table goes with what leads to it.

A figure shrinks, within limits, to fill what is left of a page; a table begins where a few of its
rows have room. How a group is set depends on where it begins, and that on the groups before it. A
layout tells where each begins under the plans that it was given; from these places all plans are
made anew, as if what follows moved along, and laid out again, until they agree with their places.
"""

from __future__ import annotations

from typing import Any

Spot = dict[str, Any]
Plan = dict[str, Any]

MM = 72 / 25.4
TOP, BOTTOM = 24 * MM, (297 - 22) * MM  # points: where the text of a page begins and ends
PAGE = BOTTOM - TOP
LEAST_SHARE = 0.7  # of its size: a figure that would be smaller goes to the next page
SMALLEST = 0.3
MOST_HELD = 110.0  # points that a table needs to begin: more would leave half a page empty
# Points above a group that are part of what it needs, with a heading first and without.
ABOVE = {True: 26.0, False: 12.0}


def exact_plans(spots: list[Spot], settled: dict[str, Plan]) -> dict[str, Plan]:
    """Return the plan of each group for the place where it begins now.

    Parameters
    ----------
    spots : list of dict
        Of each group in order: index, page, y (points from the top), whether it is headed, and what
        it needs: ``picture`` and ``around`` of a figure, ``height`` and ``whole`` of a table.
    settled : dict of str to dict
        Plans under which the groups begin there.
    """
    return {s["index"]: _plan(s, s["y"], settled) for s in spots}


def next_plans(spots: list[Spot], settled: dict[str, Plan]) -> dict[str, Plan]:
    """Return plans as they will be once what follows each changed one has moved along."""
    found: dict[str, Plan] = {}
    page, y, changed = 1, TOP, False
    for index, spot in enumerate(spots):
        if not changed:  # what stands before the first change stays where it is
            page, y = spot["page"], spot["y"]
        plan = found[spot["index"]] = _plan(spot, y, settled)
        before = settled.get(spot["index"], {"moved": False, "share": 1.0})
        changed = changed or plan != before
        if index + 1 == len(spots):
            break
        after = spots[index + 1]
        start = (spot["page"] + 1, TOP) if before["moved"] else (spot["page"], spot["y"])
        long = (after["page"] - start[0]) * PAGE + after["y"] - start[1]
        long += spot.get("picture", 0.0) * (plan["share"] - before["share"])
        long += ABOVE[spot["headed"]] * (before["moved"] - plan["moved"])
        page, y = (page + 1, TOP) if plan["moved"] else (page, y)
        page, y = page + int((y + long - TOP) // PAGE), TOP + (y + long - TOP) % PAGE
    return found


def _plan(spot: Spot, y: float, settled: dict[str, Plan]) -> Plan:
    """Return how a group is set that begins at a height of its page."""
    above = ABOVE[spot["headed"]]
    # A group that was moved has lost the space above it: if that were not counted, what barely
    # fits would be moved, moved back, and so on.
    lost = above if settled.get(spot["index"], {}).get("moved") else 0.0
    room = BOTTOM - y - above - lost
    if "picture" in spot:
        share = _share(spot, room)
        moved = share < LEAST_SHARE
        return {"moved": moved, "share": _share(spot, PAGE) if moved else share, "whole": False}
    needed = spot["height"] if spot["whole"] else min(spot["height"], MOST_HELD)
    return {"moved": needed > room, "share": 1.0, "whole": spot["whole"]}


def _share(spot: Spot, room: float) -> float:
    """Return the share of its size at which a figure fits into some room."""
    share = float(room - spot["around"]) / float(spot["picture"])
    return round(max(SMALLEST, min(1.0, share)), 4)
