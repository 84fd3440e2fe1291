"""Units of one name are told apart wherever they stand in a list."""

from __future__ import annotations

import pandas as pd

from workbench.study.names import distinct_names


def units(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["code", "name", "estado", "tipo"])
    return frame.set_index("code")


def test_names_that_are_alone_stay() -> None:
    some = units(("1", "León", "Gto.", ""), ("2", "Juárez", "NL", ""))
    assert list(distinct_names(some, ["estado"])) == ["León", "Juárez"]


def test_the_first_group_that_tells_all_apart_is_used() -> None:
    some = units(("1", "Juárez", "NL", "a"), ("2", "Juárez", "NL", "b"), ("3", "León", "Gto.", "a"))
    assert list(distinct_names(some, ["estado", "tipo"])) == ["Juárez (a)", "Juárez (b)", "León"]
    assert list(distinct_names(some, ["tipo", "estado"])) == ["Juárez (a)", "Juárez (b)", "León"]


def test_the_code_is_used_where_no_group_helps() -> None:
    some = units(("1", "Juárez", "NL", ""), ("2", "Juárez", "NL", ""), ("3", "Juárez", "Chih.", ""))
    assert list(distinct_names(some, ["estado"])) == ["Juárez (1)", "Juárez (2)", "Juárez (3)"]
    assert list(distinct_names(some, [])) == ["Juárez (1)", "Juárez (2)", "Juárez (3)"]
