"""The data dictionary: nothing in the tables of a run is without its meaning."""

from __future__ import annotations

import pytest

from workbench.runs.dictionary import MEANINGS, dictionary
from workbench.runs.freeze import frames_of
from workbench.study import Study


@pytest.mark.parametrize("name", ["slp", "ejemplo"])
def test_every_column_and_every_value_has_a_meaning(
    name: str, request: pytest.FixtureRequest
) -> None:
    study: Study = request.getfixturevalue(name)
    frames = frames_of(study)
    made = dictionary(study, frames)
    assert (made["meaning"].str.len() > 0).all()
    assert not made.duplicated(["table", "column", "value", "within"]).any()
    columns = made.loc[made["value"] == ""]
    assert list(zip(columns["table"], columns["column"], strict=True)) == [
        (table, column) for table, frame in frames.items() for column in frame.columns
    ]
    values = made.loc[made["table"] == "scores"].groupby("column")["value"].agg(set)
    for column in ("wave", "node", "level", "status"):
        assert set(frames["scores"][column].dropna()) <= values[column], column
    assert set(frames["scores"]) == set(MEANINGS["scores"])


def test_it_speaks_the_language_of_the_study(slp: Study) -> None:
    made = dictionary(slp, frames_of(slp)).set_index(["table", "column", "value"])["meaning"]
    assert made["scores", "unit", ""].startswith("Clave")
    assert made["scores", "level", "rezago"] == "Rezago"
