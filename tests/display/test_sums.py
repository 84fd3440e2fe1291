"""Differences that a report prints are those of the numbers beside them."""

from __future__ import annotations

import re

import pytest

from workbench.display import municipality
from workbench.display.blocks import Section, Table
from workbench.language import half_up, printed_difference
from workbench.study import Study

NUMBER = re.compile(r"[+−]?\d[\d,]*\.?\d*")


def numbers(text: str) -> list[float]:
    return [float(m.replace("−", "-").replace(",", "")) for m in NUMBER.findall(text)]


@pytest.mark.parametrize(
    ("value", "other", "difference"),
    [(18.75, 31.25, -12.5), (31.25, 18.75, 12.5), (6.25, 0.0, 6.3), (1e-9, 0.0, 0.0)],
)
def test_a_difference_is_that_of_the_printed_numbers(
    value: float, other: float, difference: float
) -> None:
    assert printed_difference(value, other, 1) == difference


def test_halves_go_away_from_zero() -> None:
    assert [str(half_up(x, 1)) for x in (31.25, -31.25, 0.05)] == ["31.3", "-31.3", "0.1"]


def tables(section: Section) -> list[Table]:
    return [b for b in section.blocks if isinstance(b, Table)]


def test_the_column_of_differences_adds_up(slp: Study) -> None:
    found = 0
    for unit in slp.observed_units():
        for table in tables(municipality.peers(slp.view(unit))):
            titles = [head.title for head in table.columns]
            if "Diferencia con los pares" not in titles:
                continue
            found += 1
            for row in table.rows:
                cells = dict(zip(titles, [c.plain() for c in row.cells], strict=True))
                own, peers = list(cells.values())[1:3]
                difference = cells["Diferencia con los pares"]
                if peers != "–":
                    assert numbers(own)[0] - numbers(peers)[0] == pytest.approx(
                        numbers(difference)[0], abs=1e-9
                    ), (unit, row)
    assert found > 1


def test_sentences_of_strengths_add_up(slp: Study) -> None:
    for unit in slp.observed_units():
        for line in repr(municipality.strengths(slp.view(unit))).splitlines():
            found = re.search(r": ([\d.]+)%, ([\d.]+) puntos (arriba|abajo).*\(([\d.]+)%\)", line)
            if found:
                own, away, where, median = found.groups()
                sign = 1 if where == "arriba" else -1
                assert float(own) - float(median) == pytest.approx(sign * float(away), abs=1e-9)
