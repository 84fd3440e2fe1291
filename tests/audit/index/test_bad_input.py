"""What an index refuses, all mistakes at once, and what it says to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.audit.index.made import beside, index, panel, ready, structure, table
from workbench.audit.index import Index, Node, Structure
from workbench.errors import WorkbenchError
from workbench.scoring import plugins


def refused(action: Callable[[], Any]) -> str:
    with pytest.raises(WorkbenchError) as caught:
        action()
    return caught.value.text()


def nodes(*others: Node) -> list[Node]:
    return [*structure().nodes.values(), *others]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: Structure.of(nodes(Node("e", parents={"lft": 1.0}))), ["there is no group lft", "Did you mean left"]),
        (lambda: Structure.of(nodes(Node("e", parents={"left": -1.0}))), ["the weight of e is no number from 0 to", "-1"]),
        (lambda: Structure.of(nodes(Node("e", parents={"left": np.nan}))), ["the weight of e is no number"]),
        (lambda: Structure.of(nodes(Node("a", parents={"left": 1.0}))), ["a code stands twice", "got a"]),
        (lambda: Structure.of(nodes(Node("e"))), ["e is a part of no group"]),
        (lambda: Structure.of(nodes(Node("e", 2, {"all": 1.0}, is_group=True))), ["e has no parts"]),
        (lambda: Structure.of(nodes(Node("e", parents={"left": 1.0}, direction=2))), ["unknown direction", "1 or -1"]),
        (lambda: structure().with_weights({"c": 0.0, "d": 0}), ["all weights below right are 0", "c, d"]),
        (lambda: structure().with_weights({"z": 1.0, "a": {"right": 1.0}}), ["no part z", "right is no parent of a"]),
        (lambda: structure().with_weights({"a": "much"}), ["the weight of a is no number"]),
        (lambda: structure().without("z"), ["no part z"]),
        (lambda: structure().without("all", "left", "right"), ["nothing is left"]),
        (lambda: Structure.of([Node("x", 2, {"y": 1.0}, is_group=True), Node("y", 2, {"x": 1.0}, is_group=True), Node("i", parents={"x": 1.0})]), ["in a circle", "x, y"]),
    ],
)  # fmt: skip
def test_a_structure_that_does_not_hold(made: Callable[[], Any], said: list[str]) -> None:
    text = refused(made)
    for part in said:
        assert part in text, text


def test_all_mistakes_of_a_structure_at_once() -> None:
    wrong = nodes(Node("e", parents={"lft": 1.0}), Node("f", parents={"left": -2.0}), Node("g"))
    assert len(refused(lambda: Structure.of(wrong)).splitlines()) == 3


def test_all_mistakes_of_values_at_once() -> None:
    values = table().rename(columns={"a": "A"}).astype({"b": object, "c": float})
    values["b"] = "much"
    values.iloc[2, 2] = np.inf
    values.index = ["u00", *values.index[:-1]]
    text = refused(lambda: Index.make(values, structure()))
    for part in ("the indicator a has no column", "the values of b are no numbers", "got much",
                 "a value of c has no end", "the column A is no indicator", "a case stands twice"):  # fmt: skip
        assert part in text, text


@pytest.mark.parametrize(
    ("values", "units", "said"),
    [
        (pd.concat([table(), table()[["a"]]], axis=1), None, "a: a column stands twice"),
        (table().rename({"u00": None}), None, "a unit has no code"),
        (table(), pd.concat([beside(), beside().iloc[:1]]), "twice in the table of units, got u00"),
    ],
    ids=["column", "code", "units"],
)
def test_tables_that_name_a_thing_twice_or_not(
    values: pd.DataFrame, units: pd.DataFrame | None, said: str
) -> None:
    assert said in refused(lambda: Index.make(values, structure(), units=units))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"code": ["a"], "parnt": [None]}, ["no column parent", "Did you mean parnt"]),
        ({"parent": [None]}, ["no column code"]),
        (
            {"code": ["a"], "parent": [None], "level": ["low"]},
            ["a level is a whole number, got low"],
        ),
    ],
    ids=["parent", "code", "level"],
)
def test_a_table_that_is_no_structure(columns: dict[str, list[Any]], said: list[str]) -> None:
    text = refused(lambda: Structure.from_frame(pd.DataFrame(columns)))
    for part in said:
        assert part in text, text


def test_codes_of_units_are_text() -> None:
    text = refused(lambda: Index.make(table().reset_index(drop=True), structure()))
    assert "0 is a number; codes are text" in text


def test_years_are_names_of_waves() -> None:
    values = pd.concat({2020: table(), 2021: table(seed=6)}).swaplevel()
    made = Index.make(values, structure()).normalise(reference_waves=["2020"]).aggregate()
    assert made.times == {"2020": 2020.0, "2021": 2021.0}
    assert set(made.ranks().groupby(level="wave").max()) == {40.0}


def test_cases_without_units() -> None:
    text = refused(lambda: Index.make(table(), structure(), units=beside().iloc[3:]))
    assert "3 cases are not in the table of units" in text


def constant() -> Index:
    values = table()
    values["a"], values["c"] = 5.0, np.nan
    return Index.make(values, structure())


@pytest.mark.parametrize("method", ["min_max", "z_score", "rank", "percentile_rank"])
def test_constant_indicators_are_named_together(method: str) -> None:
    text = refused(lambda: constant().normalise(method))
    assert "a has the same value in the whole reference" in text
    assert "c has no value in the reference" in text
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize(
    ("method", "options"),
    [("geometric", {}), ("harmonic", {}), ("power", {"exponent": -2.0})],
)
def test_a_mean_of_what_is_not_above_0(method: str, options: dict[str, float]) -> None:
    """It says which unit and which indicator, and what can be done; every indicator once."""
    made = index().normalise("min_max")
    text = refused(lambda: made.aggregate(method, **options))
    lowest = made.latest["a"].idxmin()
    assert f"left: a {method} mean takes scores above 0; a has 1 others, of {lowest}" in text
    assert "range: [1, 100]" in text
    assert len(text.splitlines()) >= 4


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: index().normalise("zscore"), ["unknown method", "zscore", "Did you mean z_score?"]),
        (lambda: index().normalise("min_max", rnge=[1, 2]), ["unknown key rnge", "range"]),
        (lambda: index().normalise("min_max", each={"z": {"method": "rank"}}), ["no part z"]),
        (lambda: index().normalise("min_max", reference_waves=["x"]), ["no such wave", "got x"]),
        (lambda: index().normalise("distance_to_reference", unit="u99"), ["the reference unit has 0 values"]),
        (lambda: index().normalise("distance_to_maximum"), ["b: the best value is not above 0", "min_max or goalposts"]),
        (lambda: ready().aggregate("mean"), ["unknown method", "got mean"]),
        (lambda: ready().aggregate("power"), ["a power mean has an exponent other than 0"]),
        (lambda: ready().aggregate("arithmetic", levels={9: {"method": "median"}}), ["no group has this level", "2, 3"]),
        (lambda: ready().aggregate("arithmetic", each={"lft": {"method": "median"}}), ["no part lft", "Did you mean left"]),
        (lambda: ready().aggregate("plugin", name="nowhere"), ["no plug-in nowhere"]),
        (lambda: ready().weigh("best"), ["unknown value", "got best"]),
        (lambda: ready().weigh("equal", levels=[7]), ["no parts have this level"]),
        (lambda: ready().weigh("optimised", levels=[1], importance={"a": 1.0}), ["importance is given to every part", "b, c, d"]),
        (lambda: ready().weigh("budget", experts={"ana": {"a": 3.0}}), ["ana gave no points to b"]),
        (lambda: ready().weigh("budget", experts={"ana": {"a": 0.0, "b": 0}}), ["below 0 or all 0"]),
        (lambda: ready().weigh("given"), ["weights belong to the method given"]),
        (lambda: index().denominate({"a": "peple"}), ["no column peple", "Did you mean people"]),
        (lambda: index().denominate({"a": "size"}), ["holds no numbers"]),
        (lambda: index().denominate({"z": "people"}), ["no part z"]),
        (lambda: index().denominate({}), ["no indicator has a denominator", "Name them in by"]),
        (lambda: index().screen(min_available=1.5), ["a number of 1 or less"]),
        (lambda: index().screen(include=["u98"], exclude=["u99"]), ["no such unit", "u98", "u99"]),
        (lambda: index(gaps=0.99).screen(min_available=1.0), ["no unit is left", "Lower min_available"]),
        (lambda: index().impute("latest"), ["there is one wave only", "mean or median"]),
        (lambda: index().impute("mean", level=2), ["a level is for indicators"]),
        (lambda: index().impute("mean", across="indicators", level=9), ["has no group of level 9"]),
        (lambda: index().impute("mean", by="sise"), ["no column sise", "Did you mean size"]),
        (lambda: index(n=4, gaps=0.4).impute("em"), ["too few units for a joint distribution", "at least 6"]),
        (lambda: index().treat("shape", then="box_cox"), ["box_cox needs a power"]),
        (lambda: index().treat("percentiles", at=[60, 10]), ["percentiles rise"]),
        (lambda: index().what_if(normalize="rank"), ["no step normalize", "Did you mean normalise"]),
        (lambda: index().what_if(units=["u99"]), ["no such unit"]),
        (lambda: index().what_if(normalise=5, treat=["shape"]), ["normalise: no such choice, got 5", "treat: no such choice"]),
        (lambda: index().scores, ["no scores yet"]),
        (lambda: ready().aggregate().ranks("lft"), ["no part lft", "Did you mean left"]),
        (lambda: panel(gaps=0.0).normalise(reference_waves=["1999"]), ["no such wave", "got 1999"]),
    ],
)  # fmt: skip
def test_choices_that_cannot_be(asked: Callable[[], Any], said: list[str]) -> None:
    text = refused(asked)
    for part in said:
        assert part in text, text


def test_all_mistakes_of_a_plan_at_once() -> None:
    text = refused(
        lambda: index().follow(
            [
                {"step": "impute", "method": "meen"},
                {"step": "normalise", "rule": {"method": "min_max", "range": "wide"}},
                {"step": "agregate", "rule": {"method": "arithmetic"}},
            ]
        )
    )
    assert len(text.splitlines()) == 3, text


def test_a_shape_needs_units_that_differ() -> None:
    text = refused(lambda: index(n=3).treat("shape"))
    assert "a: too few values for their skewness and kurtosis, got 3; expected at least 4" in text
    assert len(text.splitlines()) == 4
    values = table()
    values["c"] = 2.0
    made = Index.make(values, structure())
    assert "c has no two different values" in refused(lambda: made.treat("shape"))
    assert made.treat("shape", each={"c": None}).latest["c"].eq(2.0).all()


def test_a_component_needs_units() -> None:
    text = refused(lambda: ready(n=3).weigh("components"))
    assert "too few complete cases" in text


def test_copeland_needs_two_units() -> None:
    values = table(n=2)
    values.iloc[1] = np.nan
    made = Index.make(values, structure()).normalise(None)
    assert "fewer than two units" in refused(lambda: made.aggregate("copeland"))


def test_a_flat_indicator_is_not_put_on_one_scale() -> None:
    values = table(gaps=0.1)
    values["a"] = 5.0
    made = Index.make(values, structure())
    assert "a has the same value everywhere" in refused(
        lambda: made.impute("mean", across="indicators")
    )


def test_text_of_errors_is_translated() -> None:
    with pytest.raises(WorkbenchError) as caught:
        structure().with_weights({"c": 0.0, "d": 0.0})
    assert "pesos" in caught.value.text("es-MX")


def test_frames_are_not_touched() -> None:
    values, units = table(gaps=0.1), beside()
    before = values.copy(), units.copy()
    made = Index.make(values, structure(), units=units)
    made.denominate().impute("median").treat("shape").normalise().aggregate()
    pd.testing.assert_frame_equal(values, before[0])
    pd.testing.assert_frame_equal(units, before[1])


def test_an_index_cannot_be_changed() -> None:
    values = table()
    made = Index.make(values, structure()).normalise()
    before = made.latest.copy()
    values.iloc[0, 0] = 999.0
    assert made.data["raw"].iloc[0, 0] != 999.0
    with pytest.raises(ValueError, match="read-only"):
        made.data["raw"].iloc[0, 0] = 5.0
    with pytest.raises(AttributeError):
        made.steps = ()  # type: ignore[misc]
    pd.testing.assert_frame_equal(made.what_if().latest, before)


class Doubled:
    """A plug-in of both kinds."""

    def fit(self, values: np.ndarray, options: dict[str, float]) -> dict[str, float]:
        return {"largest": float(values.max())}

    def apply(self, values: np.ndarray, parameters: Any, options: dict[str, float]) -> np.ndarray:
        return values / parameters["largest"] * options["factor"]

    def aggregate(
        self, scores: np.ndarray, weights: np.ndarray, options: dict[str, float]
    ) -> np.ndarray:
        return (scores * weights).max(axis=1)


def test_plugins_take_part(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = type("Entry", (), {"name": "doubled", "load": staticmethod(Doubled)})()
    monkeypatch.setattr(plugins, "entry_points", lambda group: [entry])
    made = index().normalise("plugin", name="doubled", options={"factor": 2.0})
    x = table()["a"]
    np.testing.assert_allclose(made.latest["a"], x / x.max() * 2)
    found = made.aggregate("plugin", name="doubled").latest
    np.testing.assert_allclose(found["left"], np.maximum(found["a"], 2 * found["b"]))
