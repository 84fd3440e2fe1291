"""Views kept packed: they come back as they were, and their hash is that of what they show."""

from __future__ import annotations

from workbench.runs.frozen import FrozenViews
from workbench.study import Study
from workbench.study.facade import dump_view


def test_views_come_back_as_they_were(slp: Study) -> None:
    views = FrozenViews()
    view, cohort = slp.view("24032"), slp.cohort_view()
    views.add("24032", view)
    views.add("cohort", cohort)
    assert list(views) == ["24032", "cohort"]
    assert views["24032"] == view
    assert views["cohort"] == cohort
    assert views.text("24032") == dump_view(view)
    head = views.heads["24032"]
    assert list(views.heads) == ["24032"]
    assert (head.name, head.headline, head.groups) == (view.name, view.headline, view.groups)
    assert len(dump_view(head)) < len(dump_view(view)) / 4


def test_the_id_of_a_run_does_not_change_what_a_view_shows(slp: Study) -> None:
    view, views = slp.view("24032"), FrozenViews()
    other = view.model_copy(update={"info": view.info.model_copy(update={"run_id": "0" * 16})})
    views.add("one", view)
    views.add("two", other)
    views.add("three", view.model_copy(update={"name": "Otra"}))
    assert views.hashes["one"] == views.hashes["two"] != views.hashes["three"]
    assert views["two"].info.run_id == "0" * 16
