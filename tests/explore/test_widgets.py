"""The explorer driven without a browser: what is set, and what is then shown."""

from __future__ import annotations

from importlib import util
from pathlib import Path

import pytest

from tests.explore.test_exploration import copy_certeza
from workbench.errors import WorkbenchError
from workbench.explore import explorer
from workbench.explore.extra import require_widgets
from workbench.explore.widgets import Explorer
from workbench.specs.version import MIMETYPE


@pytest.fixture
def shown(root: Path, tmp_path: Path) -> Explorer:
    return explorer(copy_certeza(root, tmp_path))


def test_a_slider_moves_scores_and_places(shown: Explorer) -> None:
    before = shown.table.df.copy()
    assert list(shown.controls.sliders) == ["finanzas", "personal", "planeacion"]
    shown.controls.sliders["personal"].value = 100
    after = shown.table.df
    assert not after["Puntaje"].equals(before["Puntaje"])
    assert {"Lugar", "en el mejor caso", "en el peor caso", "Lugares ganados"} <= set(after.columns)
    assert "cambian de lugar" in shown.summary.value
    assert "57" in shown.controls.shares["personal"].value  # 100 of 175
    shown.controls.sliders["personal"].value = 25
    assert not shown.seen.study.spec.choices.weights
    assert shown.table.df["Puntaje"].tolist() == before["Puntaje"].tolist()


def test_rules_are_switched_and_taken_back(shown: Explorer) -> None:
    before = shown.table.df["Puntaje"].tolist()
    shown.controls.mean.value = "geometric"
    assert shown.table.df["Puntaje"].tolist() != before
    shown.controls.mean.value = "arithmetic"
    assert not shown.seen.study.spec.choices.aggregate
    shown.controls.available.value = 0.0
    assert shown.seen.study.spec.choices.min_availability == {"total": 0.0}
    shown.reset.click()
    assert not shown.seen.is_changed
    assert shown.table.df["Puntaje"].tolist() == before
    assert "No se puede elegir" in "".join(getattr(w, "value", "") for w in shown.controls.children
                                           if isinstance(getattr(w, "value", None), str))  # fmt: skip


def test_rows_open_a_profile_and_a_pair(shown: Explorer) -> None:
    first, third = (str(shown.seen.table["name"].iloc[i]) for i in (0, 2))
    shown.table.selected_rows = [0]
    assert f"<h2>{first}</h2>" in shown.profile.value
    shown.table.selected_rows = [0, 2]
    assert f"{first} frente a {third}" in shown.profile.value
    shown.other.value = ""
    assert f"<h2>{first}</h2>" in shown.profile.value


def test_wave_and_cohort_are_looked_at(shown: Explorer) -> None:
    shown.wave.value = "2023"
    assert "2023" in shown.summary.value
    shown.cohort.value = next(x for x in shown.cohort.options if "más de" in x)
    assert len(shown.table.df) < 20
    assert shown.table.df["Lugar"].min() == 1


def test_saving_asks_before_it_writes_over(shown: Explorer, tmp_path: Path) -> None:
    shown.name.value = "mia"
    shown.save.click()
    assert "workbench run params/mia.yml" in shown.saved.value
    assert "params/mia.yml" in shown.study.options
    shown.controls.sliders["personal"].value = 90
    shown.save.click()
    assert "no se sobrescribe" in shown.saved.value
    assert shown.over.layout.display == ""
    shown.over.click()
    assert "90" in (tmp_path / "params/mia.yml").read_text(encoding="utf-8")
    assert shown.over.layout.display == "none"


def test_a_study_that_cant_be_explored_leaves_the_one_that_is(root: Path) -> None:
    shown = explorer(root / "params/certeza-ejemplo.yml")
    shown.study.value = "params/comparaciones-ejemplo.yml"
    assert "ningún grupo" in shown.message.value
    assert shown.seen.base.spec.id == "certeza-ejemplo"


def test_without_a_kernel_a_sentence_stands_there(shown: Explorer) -> None:
    bundle = shown._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "make lab" in bundle["text/html"]
    assert "make lab" in str(bundle[MIMETYPE]["blocks"][0]["text"])


def test_without_widgets_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.explore import extra

    monkeypatch.setattr(
        extra, "find_spec", lambda name: None if name == "itables" else util.find_spec(name)
    )
    with pytest.raises(WorkbenchError, match=r"pip install 'municipal-workbench\[lab\]'"):
        require_widgets()


def test_the_logic_needs_no_widgets() -> None:
    import subprocess
    import sys

    code = "import sys, workbench.explore; print({'ipywidgets', 'itables', 'anywidget'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
