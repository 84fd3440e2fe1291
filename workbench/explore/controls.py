"""The controls of one group: weights, kind of mean, missing data; and the scale of all indicators.

What the instrument does not leave free has no control, but a sentence in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as w
from markupsafe import escape

from workbench.errors import WorkbenchError
from workbench.explore.exploration import Exploration
from workbench.language import Locale, Message, marked

MOST_SLIDERS = 24
SAME = 1e-9
MEANS = {
    "arithmetic": marked("Arithmetic: what lacks in one part, another makes up for"),
    "geometric": marked("Geometric: a weak part weighs more"),
    "harmonic": marked("Harmonic: a weak part weighs most"),
    "power": marked("Power mean"),
}
AVAILABLE = {
    1.0: marked("All of it must be measured"),
    0.5: marked("Half of it must be measured"),
    0.0: marked("Whatever is measured counts"),
}
SCALES = {
    "min_max": marked("From the lowest to the highest"),
    "percentile_rank": marked("Share of units below"),
}
WIDE = w.Layout(width="100%")
Choose = Callable[..., None]


class Controls(w.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """What may be chosen otherwise in one group.

    Parameters
    ----------
    seen : Exploration
    choose : callable
        Takes choices as :meth:`Exploration.choose` does.
    """

    def __init__(self, seen: Exploration, choose: Choose) -> None:
        self._choose, self._busy = choose, False
        self.sliders: dict[str, w.FloatSlider] = {}
        self.shares: dict[str, w.HTML] = {}
        self.mean = w.Dropdown(layout=WIDE)
        self.available = w.Dropdown(layout=WIDE)
        self.scale = w.Dropdown(layout=WIDE)
        self.group = w.Dropdown(layout=WIDE)
        for name, widget in (
            ("aggregate", self.mean),
            ("min_availability", self.available),
            ("normalise", self.scale),
        ):
            widget.observe(self._picked(name), "value")
        self.group.observe(self._other_group, "value")
        super().__init__()
        self.add_class("workbench-controls")
        self.fill(seen)

    # -- filling ----------------------------------------------------------------------------------

    def fill(self, seen: Exploration) -> None:
        """Offer what the result that is looked at leaves free."""
        self.seen = seen
        free = [g for g in seen.groups if seen.freedom(g).any] or list(seen.groups[:1])
        self._busy = True
        self.group.options = [(seen.title(g), g) for g in free]
        self.group.value = free[0]
        self._busy = False
        self._fill_group()

    def _fill_group(self) -> None:
        """Put the controls of the group in place, or why there are none."""
        seen, group, locale = self.seen, self.group.value, self.seen.locale
        free = seen.freedom(group)
        self._busy = True
        rows: list[w.Widget] = []
        if len(self.group.options) > 1:
            rows += [heading(locale.text("Group")), self.group]
        rows.append(heading(locale.text("Weights")))
        self.sliders, self.shares = {}, {}
        rows += self._sliders() if free.weights is None else [said(locale, free.weights)]
        rows.append(heading(locale.text("Kind of mean")))
        rows.append(self._means() if free.aggregate is None else said(locale, free.aggregate))
        rows.append(heading(locale.text("Missing data")))
        rows.append(
            self._missing()
            if free.min_availability is None
            else said(locale, free.min_availability)
        )
        rows.append(heading(locale.text("Scale of the indicators")))
        fixed = seen.scale_fixed
        rows.append(self._scales() if fixed is None else said(locale, fixed))
        self.children = rows
        self._busy = False
        self._say_shares()

    def _sliders(self) -> list[w.Widget]:
        """Return a slider for each part, in shares of the weights as the study has them."""
        seen, group = self.seen, self.group.value
        weights = seen.weights(group)
        if len(weights) > MOST_SLIDERS:
            why = Message("it has more parts than sliders: save the choice and edit its file")
            return [said(seen.locale, why)]
        total = sum(weights.values()) or 1.0
        rows: list[w.Widget] = []
        for part, weight in weights.items():
            slider = w.FloatSlider(
                value=100 * weight / total,
                min=0.0,
                max=100.0,
                step=1.0,
                readout=False,
                continuous_update=False,
                description=seen.title(part),
                description_tooltip=seen.title(part),
                style={"description_width": "5.5rem"},
                layout=w.Layout(width="auto", flex="1 1 auto"),
            )
            slider.observe(self._weighed, "value")
            self.sliders[part] = slider
            self.shares[part] = w.HTML(layout=w.Layout(width="3.2rem"))
            rows.append(w.HBox([slider, self.shares[part]]))
        return rows

    def _means(self) -> w.Widget:
        """Return the choice of the kind of mean."""
        own = self.seen.base.instrument.nodes[self.group.value].aggregate
        now = self.seen.study.instrument.nodes[self.group.value].aggregate
        own_name, now_name = (str(getattr(rule, "method", "")) for rule in (own, now))
        names = [n for n in MEANS if n != "power" or n == own_name]
        self._offer(self.mean, {n: MEANS[n] for n in names}, own_name, now_name)
        return self.mean

    def _missing(self) -> w.Widget:
        """Return the choice of how much must be there."""
        group, locale = self.group.value, self.seen.locale
        own, now = (
            float(study.instrument.nodes[group].aggregate.min_availability)  # type: ignore[union-attr]
            for study in (self.seen.base, self.seen.study)
        )
        texts: dict[Any, str] = dict(AVAILABLE)
        for value in (own, now):
            if value not in texts:
                texts[value] = locale.text(
                    "{share} must be measured", share=locale.percent(100 * value, 0)
                )
        self._offer(self.available, texts, own, now)
        return self.available

    def _scales(self) -> w.Widget:
        """Return the choice of another scale for all indicators."""
        texts: dict[Any, str] = {None: marked("As the instrument says"), **SCALES}
        now = self.seen.study.spec.choices.normalise
        self._offer(self.scale, texts, self.seen.base.spec.choices.normalise, now)
        return self.scale

    def _offer(self, widget: w.Dropdown, texts: dict[Any, str], own: Any, now: Any) -> None:
        """Fill a list of choices; the study's own is marked."""
        locale = self.seen.locale
        options = []
        for value, text in texts.items():
            title = locale.text(text)
            if value == own and value is not None:
                title = locale.text("{choice} (as in the study)", choice=title)
            options.append((title, value))
        widget.options = options
        widget.value = now

    # -- what a person does -----------------------------------------------------------------------

    def _other_group(self, _: object) -> None:
        """Show the controls of another group."""
        if not self._busy:
            self._fill_group()

    def _weighed(self, _: object) -> None:
        """Tell the weights of the group as the sliders have them."""
        if self._busy:
            return
        self._say_shares()
        group = self.group.value
        nodes = self.seen.base.instrument.nodes
        own = {part: nodes[part].weight_under(group) for part in self.sliders}
        total = sum(own.values()) or 1.0
        same = all(
            abs(slider.value - 100 * own[part] / total) < SAME
            for part, slider in self.sliders.items()
        )
        weights = {part: round(slider.value, 6) for part, slider in self.sliders.items()}
        self._choose(weights={group: None if same else weights})

    def _say_shares(self) -> None:
        """Say beside each slider which share of the whole its part has."""
        total = sum(slider.value for slider in self.sliders.values())
        for part, slider in self.sliders.items():
            share = 100 * slider.value / total if total else 0.0
            text = self.seen.locale.percent(share, 0)
            self.shares[part].value = f'<span class="workbench-share">{escape(text)}</span>'

    def _picked(self, name: str) -> Callable[[Any], None]:
        """Return what tells a choice from a list; the study's own takes the choice back."""

        def tell(change: Any) -> None:
            if self._busy:
                return
            group = self.group.value
            if name == "normalise":
                self._choose(normalise=change["new"])
                return
            own = self.seen.base.instrument.nodes[group].aggregate
            field = "method" if name == "aggregate" else name
            same = getattr(own, field) == change["new"]
            self._choose(**{name: {group: None if same else change["new"]}})

        return tell

    def keep(self, seen: Exploration) -> None:
        """Take over what is seen now, and leave the controls where they are."""
        self.seen = seen


def heading(text: str) -> w.HTML:
    """Return the head of a few controls."""
    return w.HTML(f'<p class="workbench-head">{escape(text)}</p>')


def said(locale: Locale, why: Message) -> w.HTML:
    """Return why there is no control."""
    text = locale.text("Not free: {reason}.", reason=why.text(locale.tag))
    return w.HTML(f'<p class="workbench-fixed">{escape(text)}</p>')


def in_words(error: WorkbenchError, locale: Locale) -> str:
    """Return what is wrong, as a box to show."""
    return f'<p class="workbench-refused" role="alert">{escape(error.text(locale.tag))}</p>'
