"""The explorer: an exploration under controls. What is said is made elsewhere; this lays it out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ipywidgets as w
from itables.widget import ITable
from markupsafe import escape

from workbench.display import blocks as b
from workbench.errors import Reason, WorkbenchError
from workbench.explore.controls import WIDE, Controls, heading, in_words
from workbench.explore.exploration import Exploration, explore
from workbench.explore.frame import people_frame
from workbench.explore.saving import save_choice
from workbench.explore.shown import pair, profile, summary
from workbench.explore.words import table_words

STYLE = (Path(__file__).parent / "explorer.css").read_text(encoding="utf-8")
ROWS = 15


class Explorer(w.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Controls of a study, and what moves with them.

    Parameters
    ----------
    seen : Exploration
        Where to begin.
    """

    def __init__(self, seen: Exploration) -> None:
        self.seen, self._busy = seen, False
        locale = seen.locale
        self.study = w.Dropdown(description=locale.text("Study"))
        self.result = w.Dropdown(description=locale.text("Result"))
        self.wave = w.Dropdown(description=locale.text("Wave"))
        self.cohort = w.Dropdown(description=locale.text("Cohort"))
        self.message, self.summary = w.HTML(), w.HTML()
        self.reset = w.Button(description=locale.text("As in the study's file"), icon="undo")
        self.one = w.Dropdown(description=locale.text("Profile"))
        self.other = w.Dropdown(description=locale.text("Beside"))
        self.profile = w.HTML()
        self.name = w.Text(description=locale.text("Name"), placeholder="mi-eleccion")
        self.save = w.Button(
            description=locale.text("Save my choice"), icon="save", layout=w.Layout(width="auto")
        )
        self.over = w.Button(description=locale.text("Write over it"), button_style="warning")
        self.saved = w.HTML()
        self.table = ITable(people_frame(seen), **table_options(seen))
        self.controls = Controls(seen, self._chosen)
        super().__init__(self._laid_out())
        self.add_class("workbench-explorer")
        self._fill()
        self._listen()
        self._show()

    def _laid_out(self) -> list[w.Widget]:
        """Return everything in its place."""
        locale = self.seen.locale
        for widget in (self.study, self.result, self.wave, self.cohort, self.one, self.other):
            widget.layout = w.Layout(width="auto", min_width="16rem", flex="1 1 16rem")
            widget.style.description_width = "initial"
        self.reset.layout = WIDE
        self.over.layout.display = "none"
        bar = w.HBox([self.study, self.result, self.wave, self.cohort])
        bar.add_class("workbench-bar")
        left = w.VBox([self.controls, self.reset])
        left.add_class("workbench-left")
        right = w.VBox([self.message, self.summary, self.table])
        right.add_class("workbench-right")
        body = w.HBox([left, right])
        body.add_class("workbench-body")
        who = w.HBox([self.one, self.other])
        who.add_class("workbench-bar")
        keep = w.HBox([self.name, self.save, self.over])
        keep.add_class("workbench-bar")
        return [
            w.HTML(f"<style>{STYLE}</style>"),
            bar,
            body,
            heading(locale.text("One closely, or two side by side")),
            who,
            self.profile,
            heading(locale.text("Keep the choice as a study")),
            keep,
            self.saved,
        ]

    # -- filling ----------------------------------------------------------------------------------

    def _fill(self) -> None:
        """Offer what the study has."""
        seen, locale = self.seen, self.seen.locale
        self._busy = True
        self.study.options = studies_near(seen)
        self.study.value = _named(seen)
        self.result.options = [(seen.title(code), code) for code in seen.results]
        self.result.value = seen.node
        titles = {x.id: x.title.in_(locale.tag) if x.title else x.id for x in seen.base.spec.waves}
        self.wave.options = [(titles[wave], wave) for wave in seen.waves]
        self.wave.value = seen.wave
        self.cohort.options = [locale.text("All"), *seen.cohorts]
        named = [name for name, cohort in seen.cohorts.items() if cohort == seen.cohort]
        self.cohort.value = next(iter(named), self.cohort.options[0])
        self._fill_units()
        self._busy = False

    def _fill_units(self) -> None:
        """Offer the units that are looked at."""
        busy, self._busy = self._busy, True
        units = [("–", ""), *sorted((str(n), str(u)) for u, n in self.seen.table["name"].items())]
        known = {code for _, code in units}
        for widget in (self.one, self.other):
            kept = widget.value if widget.value in known else ""
            widget.options = units
            widget.value = kept
        self._busy = busy

    def _listen(self) -> None:
        """Follow what a person does."""
        self.study.observe(self._other_study, "value")
        for name in ("result", "wave", "cohort"):
            getattr(self, name).observe(self._looked_at, "value")
        for widget in (self.one, self.other):
            widget.observe(self._who, "value")
        self.table.observe(self._clicked, "selected_rows")
        self.reset.on_click(lambda _: self._start(self.seen.reset()))
        self.save.on_click(lambda _: self._keep(overwrite=False))
        self.over.on_click(lambda _: self._keep(overwrite=True))

    # -- what a person does -----------------------------------------------------------------------

    def _chosen(self, **choices: Any) -> None:
        """Follow a choice of rules; one that can't be computed is told, and nothing moves."""
        try:
            self.seen = self.seen.choose(**choices)
        except WorkbenchError as error:
            self.message.value = in_words(error, self.seen.locale)
            return
        self.controls.keep(self.seen)
        self._show()

    def _looked_at(self, _: object) -> None:
        """Follow the choice of a result, a wave or a cohort."""
        if self._busy:
            return
        cohort = self.seen.cohorts.get(self.cohort.value)
        other = self.result.value != self.seen.node
        self.seen = self.seen.choose(node=self.result.value, wave=self.wave.value, cohort=cohort)
        if other:
            self.controls.fill(self.seen)
        self.controls.keep(self.seen)
        self._show()

    def _other_study(self, change: Any) -> None:
        """Open another study; one that can't be explored is told, and this one stays."""
        if self._busy:
            return
        try:
            seen = explore(self.seen.base.root / change["new"], locale=self.seen.locale.tag)
        except WorkbenchError as error:
            self.message.value = in_words(error, self.seen.locale)
            return
        self._start(seen)

    def _start(self, seen: Exploration) -> None:
        """Begin anew with another study, or with the study's own choices."""
        self.seen = seen
        self._fill()
        self.controls.fill(seen)
        self._show()

    def _clicked(self, change: Any) -> None:
        """Open the profile of the row that was clicked, and of a second one beside it."""
        rows = [r for r in change["new"] if r < len(self.seen.table)][-2:]
        units = [str(self.seen.table.index[r]) for r in rows]
        self._busy = True
        self.one.value = units[0] if units else ""
        self.other.value = units[1] if len(units) > 1 else ""
        self._busy = False
        self._who()

    def _who(self, _: object = None) -> None:
        """Show one unit closely, or two side by side."""
        if self._busy:
            return
        one, other = self.one.value, self.other.value
        if one and other and one != other:
            self.profile.value = _html(pair(self.seen, one, other))
        else:
            self.profile.value = _html(profile(self.seen, one or other)) if one or other else ""

    def _keep(self, *, overwrite: bool) -> None:
        """Save the choice; a file that is there is written over only when asked to."""
        locale = self.seen.locale
        self.over.layout.display = "none"
        try:
            path = save_choice(self.seen, self.name.value.strip(), overwrite=overwrite)
        except WorkbenchError as error:
            self.saved.value = in_words(error, locale)
            if error.reason is Reason.FILE_EXISTS:
                self.over.layout.display = ""
            return
        shown = path.relative_to(self.seen.base.root)
        said = locale.text("Saved. To make its reports: workbench run {path}", path=shown)
        self.saved.value = f'<p class="workbench-saved" role="status">{escape(said)}</p>'
        self._fill()

    # -- showing ----------------------------------------------------------------------------------

    def _show(self) -> None:
        """Show what is seen now."""
        self.message.value = ""
        self.summary.value = _html(summary(self.seen))
        self.table.update(people_frame(self.seen), selected_rows=[], **table_options(self.seen))
        self._fill_units()
        self._who()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Return the controls; where no kernel runs, a sentence that says where they work."""
        bundle: dict[str, Any] = dict(super()._repr_mimebundle_(**kwargs) or {})
        text = self.seen.locale.text(
            "The controls work in a running notebook: make lab. The table above says what they "
            "start from."
        )
        still = b.Section([b.Paragraph(b.as_rich(text), "note")], self.seen.locale.tag)
        return {**still._repr_mimebundle_(), **bundle, "text/plain": text}


def table_options(seen: Exploration) -> dict[str, Any]:
    """Return how the table is shown: sorted, filtered by column, without a network."""
    return {
        "showIndex": False,
        "select": "multi",
        "column_filters": "footer",
        "pageLength": ROWS,
        "lengthMenu": [ROWS, 50, 200],
        "maxBytes": 0,
        "classes": "display compact",
        "style": "table-layout:auto;width:100%;margin:0",
        "language": table_words(seen.locale),
        "order": [],
    }


def studies_near(seen: Exploration) -> list[str]:
    """Return the studies of the project, as paths from its folder."""
    root = seen.base.root
    found = {str(p.relative_to(root)) for p in (root / "params").rglob("*.yml")}
    return sorted(p for p in found | {_named(seen)} if not Path(p).name.startswith("."))


def _named(seen: Exploration) -> str:
    """Return how the study is called: its path from the project folder."""
    return str(seen.base.path.relative_to(seen.base.root))


def _html(section: b.Section) -> str:
    """Return a section as HTML with its styles."""
    return str(section._repr_mimebundle_()["text/html"])
