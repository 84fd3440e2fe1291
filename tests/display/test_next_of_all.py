"""What the report of a cohort says of the next level: no more than the reports of its units do."""

from __future__ import annotations

from pathlib import Path

from workbench.display import cohort
from workbench.study import Study


def test_the_next_level_is_promised_only_where_the_reports_of_units_tell_it(root: Path) -> None:
    view = Study.open(root / "params/capacidad-ejemplo.yml").cohort_view()
    view = view.model_copy(update={"indicators": ()})
    promise = "Lo que pide el siguiente nivel está en el informe de cada"
    assert promise in repr(cohort.next_steps(view))
    without = view.info.model_copy(update={"has_conditions": False})
    said = repr(cohort.next_steps(view.model_copy(update={"info": without})))
    assert promise not in said
    assert "no tienen niveles" in said
