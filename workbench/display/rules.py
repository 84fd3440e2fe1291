"""Rules of aggregation and normalisation in words."""

from __future__ import annotations

from workbench.language import marked

RULES = {
    "arithmetic": marked("arithmetic mean"),
    "geometric": marked("geometric mean"),
    "harmonic": marked("harmonic mean"),
    "power": marked("power mean"),
    "median": marked("median"),
    "minimum": marked("minimum"),
    "maximum": marked("maximum"),
    "sum": marked("sum"),
    "points": marked("points of a total"),
    "dp2": marked("distance DP2"),
    "first_component": marked("first principal component"),
    "copeland": marked("comparison of two by two"),
    "share_of_level": marked("share of a level"),
    "weakest_link": marked("weakest link"),
    "lookup_table": marked("conversion table"),
    "single": marked("its only part"),
    "formula": marked("formula"),
    "conditions": marked("conditions"),
    "none": marked("none"),
}
NORMALISERS = {
    "min_max": marked("from the lowest to the highest"),
    "goalposts": marked("between fixed values"),
    "z_score": marked("deviations from the mean"),
    "rank": marked("ranks"),
    "borda": marked("units that are surpassed"),
    "percentile_rank": marked("percentile ranks"),
    "distance_to_maximum": marked("share of the maximum"),
    "distance_to_reference": marked("distance to a unit"),
    "distance_to_target": marked("distance to a target"),
    "ratio": marked("ratio to a figure of all"),
    "scaled": marked("a fixed scale"),
    "classes": marked("classes of as many units"),
}
