"""Formulas of a workbook that show levels and results while the form is being filled in.

Each row has hidden helper cells: its *value* as a number, the *index* of its level, and for lists
the *low* and *high* count of elements met, how many are *asked* for, and whether suppositions set
it *aside*. What is not known is ``#N/A`` there. Indices below 0 stand for states.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.forms.excel import (
    UNKNOWN,
    CannotExpress,
    excel_condition,
    excel_number,
    first_of,
    literal,
    number,
)
from workbench.forms.layout import Layout
from workbench.forms.questions import Question
from workbench.forms.references import Banded, Named
from workbench.forms.sheets import Lists
from workbench.forms.wording import Wording
from workbench.instruments import Instrument, Node
from workbench.instruments.bands import Bands
from workbench.language import Message
from workbench.specs.instrument import Category, Checklist, Grade, Measure, Outcome

UNDETERMINED = -1
Formulas = dict[str, str]


@dataclass(frozen=True)
class LevelFormulas:
    """Makes the formulas of one workbook.

    Parameters
    ----------
    instrument : Instrument
    layout : Layout
    wording : Wording
    lists : Lists
        Holds look-up tables.
    """

    instrument: Instrument
    layout: Layout
    wording: Wording
    lists: Lists

    def of(self, question: Question) -> Formulas:
        """Return the formulas of a question's row, by key of the column.

        Where a spreadsheet can't hold a rule, the cell of the level says so.
        """
        if question.role != "indicator":
            return self._of_part(question)
        node = self.instrument.nodes[question.code]
        try:
            match node.spec:
                case Checklist():
                    return self._checklist(node, node.spec)
                case Measure(formula=str()):
                    return self._measure(node, node.spec)
                case _:
                    return self._single(node, question)
        except CannotExpress as error:
            why = Message("no level is shown here: {why}", why=error.why)
            return {
                "level": literal(why.text(self.wording.tag)),
                "value": UNKNOWN,
                "index": UNKNOWN,
            }

    # -- parts ------------------------------------------------------------------------------------

    def _of_part(self, question: Question) -> Formulas:
        """Return the formulas of an element, variable, input, fact or group."""
        answer = self._cell(question.code, "answer")
        if question.answer == "choice":
            return {}
        given = self._numeric(question, answer)
        if question.role == "element":
            away = [label for label, _ in self.wording.states(question)]
            aside = " + ".join(f"({answer}={literal(label)})" for label in away) or "0"
            return {"value": given, "aside": aside}
        compute = self._compute(question)
        if compute is None:
            return {"value": given}
        blank = f"ISERROR({given})"
        return {
            "value": f"IF({blank},{compute},{given})",
            "result": f'IF(AND({blank},{answer}=""),IFERROR({compute},""),"")',
        }

    def _numeric(self, question: Question, answer: str) -> str:
        """Return the number that an answer stands for."""
        choices = [
            (label, m.value) for label, m in self.wording.choices(question) if m.value is not None
        ]
        if question.answer == "number" and not any(not _is_number(label) for label, _ in choices):
            return f"IF(ISNUMBER({answer}),{answer},{UNKNOWN})"
        cases = [(f"{answer}={literal(label)}", number(value)) for label, value in choices]
        return first_of(cases, UNKNOWN)

    def _compute(self, question: Question) -> str | None:
        """Return the formula by which a variable is computed where it is left blank."""
        node = self.instrument.nodes.get(question.owner)
        formula = node.formulas.get(question.code.rpartition(".")[2]) if node else None
        if formula is None or question.role != "variable":
            return None
        try:
            return excel_number(formula, self._cells(question.owner))
        except CannotExpress:
            return None

    # -- indicators -------------------------------------------------------------------------------

    def _single(self, node: Node, question: Question) -> Formulas:
        """Return the formulas of an indicator that is answered in one cell."""
        answer = self._cell(question.code, "answer")
        levels = [level.id for level in self.instrument.levels_of(node.code)]
        if isinstance(node.spec, Grade | Category):
            return self._choice(node, question, answer, levels)
        value = self._proved(node, self._numeric(question, answer))
        here, held, away = (self._cell(node.code, k) for k in ("value", "held", "aside"))
        aside, index = self._aside(node), UNKNOWN
        if node.bands is not None:
            index = self._index(node.bands, here, UNKNOWN)
            index = f"IF(OR({held}=1,{away}=1),{UNKNOWN},{index})"
        found = {"value": value, "index": index, "aside": aside, "held": self._held(node)}
        if node.bands is not None or aside != "0":
            found["level"] = self._shown(node)
        return found

    def _proved(self, node: Node, value: str) -> str:
        """Return the number of an answer as it counts: where evidence is demanded, only with it."""
        rule = self.instrument.evidence_rule(node.code)
        if rule is None:
            return value
        without = UNKNOWN if rule.without == "missing" else "0"
        bare = f'TRIM({self._cell(node.code, "evidence")})=""'
        return f"IF(AND({value}=1,{bare}),{without},{value})"

    def _choice(self, node: Node, question: Question, answer: str, levels: list[str]) -> Formulas:
        """Return the formulas of a grade or category: the level of the answer chosen."""
        labels = self.wording.choices(question)
        of_level = {m.state: m.state for _, m in labels}
        scores: dict[str, float | None] = {}
        if isinstance(node.spec, Category):
            of_level = {o.id: o.level or "" for o in node.spec.options}
            scores = {o.id: o.score for o in node.spec.options}
        index = [
            (f"{answer}={literal(label)}", number(levels.index(of_level[m.state])))
            for label, m in labels
            if of_level.get(m.state) in levels
        ]
        value = [
            (f"{answer}={literal(label)}", number(score))
            for label, m in labels
            if (score := scores.get(m.state)) is not None
        ]
        if len(labels) > 50:
            raise CannotExpress(Message("there are too many answers"))
        found = {
            "value": first_of(value, UNKNOWN),
            "index": first_of(index, UNKNOWN),
            "aside": self._aside(node),
            "held": self._held(node),
        }
        if index:
            found["level"] = self._shown(node)
        return found

    def _checklist(self, node: Node, spec: Checklist) -> Formulas:
        """Return the formulas of a list: elements met, and the level once it is settled."""
        n = len(spec.elements)
        first, last = self._span(node)
        low, high, asked, aside, held = (
            self._cell(node.code, k) for k in ("low", "high", "asked", "aside", "held")
        )
        ticks = self._column("value", first, last)
        met, unmet = f"COUNTIF({ticks},1)", f"COUNTIF({ticks},0)"
        away = f"SUM({self._column('aside', first, last)})"
        reduce = spec.not_measurable_elements is not None and (
            spec.not_measurable_elements.rule == "reduce"
        )
        cap = self._cap(node)
        supposed = self._aside(node)
        index = UNKNOWN
        found: Formulas = {
            "low": met,
            "high": f"({n}-{unmet}-{away})",
            "asked": f"({n}-{away})" if reduce else str(n),
            "aside": f"IF(AND({asked}=0,{n}={away}),1,{supposed})",
            "held": self._held(node, f"{high}-{low}<{n}"),
            "value": f"IF(OR({aside}=1,{held}=1,{low}<>{high}),{UNKNOWN},{low})",
            "result": f'IFERROR({self._cell(node.code, "value")},"")',
        }
        if node.bands is not None:
            found["least"], found["most"] = (
                f"MIN({self._index(node.bands, count, asked, whole=True)},{cap})"
                for count in (low, high)
            )
            least, most = (self._cell(node.code, k) for k in ("least", "most"))
            known = f"{least}={most}" if _is_monotone(node.bands, n) else f"{low}={high}"
            settled = f"IF({known},{least},{UNKNOWN})"
            none = f"OR({held}=1,{aside}=1,{high}-{low}={n})"
            index = f"IF({none},{UNKNOWN},{settled})"
        left = self._counted(Message("{n} left", n="\0"), f"({high}-{low})")
        waiting = f'IF(OR({high}-{low}={n},{high}={low}),"",{left})'
        return found | {"index": index, "level": self._shown(node, waiting)}

    def _measure(self, node: Node, spec: Measure) -> Formulas:
        """Return the formulas of a measure: its result and level, or its declared outcome."""
        formula = node.formulas["formula"]
        value, held, aside = (self._cell(node.code, k) for k in ("value", "held", "aside"))
        result = excel_number(formula, self._cells(node.code))
        absent = self._any_error([f"{node.code}.{v.id}" for v in spec.variables])
        undefined = f"AND(NOT({absent}),ISERROR({result}))"
        if spec.undefined is not None and spec.undefined.value is not None:
            result = f"IF({undefined},{number(spec.undefined.value)},{result})"
        cases = [
            (where, self._outcome(node, outcome))
            for where, outcome in (
                (undefined, spec.undefined),
                (self._no_reference(node, spec), spec.missing_reference),
            )
            if outcome is not None and outcome.value is None and where is not None
        ]
        withheld = self._withheld(node, spec)
        if withheld is not None:
            cases.append(withheld)
        known = UNKNOWN if node.bands is None else self._index(node.bands, value, UNKNOWN)
        index = f"IF(ISERROR({value}),{first_of(cases, UNKNOWN)},{known})"
        return {
            "held": self._held(node, f"NOT(ISERROR({result}))"),
            "value": f"IF(OR({aside}=1,{held}=1),{UNKNOWN},{result})",
            "result": f'IFERROR({value},"")',
            "index": f"IF(OR({aside}=1,{held}=1),{UNKNOWN},{index})",
            "aside": self._aside(node),
            "level": self._shown(node),
        }

    def _no_reference(self, node: Node, spec: Measure) -> str | None:
        """Return the condition that a look-up has no entry although all that it reads is known."""
        parts = []
        cells = self._cells(node.code)
        for variable in spec.variables:
            formula = node.formulas.get(variable.id)
            if formula is None or not formula.tables:
                continue
            reads = [cells.name(name) for name in sorted(formula.names)]
            reads += [cells.value(code) for code in sorted(formula.codes - formula.completed)]
            known = [f"NOT(ISERROR({r}))" for r in reads]
            missing = f"ISERROR({self.layout.spots[f'{node.code}.{variable.id}'].cell('value')})"
            parts.append(f"AND({','.join([missing, *known])})")
        return f"OR({','.join(parts)})" if parts else None

    def _withheld(self, node: Node, spec: Measure) -> tuple[str, str] | None:
        """Return the case that a variable was asked for and is not available."""
        states = [s.id for s in self.instrument.spec.states if s.effect == "not_available"]
        if not states or not spec.variables:
            return None
        spots = [self.layout.spots[f"{node.code}.{v.id}"] for v in spec.variables]
        given = ",".join(f'{spot.cell("state")}<>""' for spot in spots)
        return f"OR({given})", number(self._state_index(states[0]))

    # -- rules ------------------------------------------------------------------------------------

    def _index(self, bands: Bands, value: str, n: str, *, whole: bool = False) -> str:
        """Return the index of the level in which a value falls."""
        cells = Banded(value, n)
        cases = []
        for condition, level, band in zip(bands.conditions, bands.levels, bands.bands, strict=True):
            index = level if band.state is None else self._state_index(band.state)
            rule = excel_condition(condition, cells, known=True, whole=whole)
            cases.append((rule, number(index)))
        return first_of(cases, number(UNDETERMINED))

    def _state_index(self, state: str) -> int:
        """Return the index that stands for a state."""
        names = [s.id for s in self.instrument.spec.states]
        return -2 - names.index(state) if state in names else UNDETERMINED

    def _outcome(self, node: Node, outcome: Outcome) -> str:
        """Return the index that stands for a declared outcome."""
        if outcome.level is not None:
            levels = [level.id for level in self.instrument.levels_of(node.code)]
            return number(levels.index(outcome.level))
        return number(self._state_index(str(outcome.state)))

    def _cap(self, node: Node) -> str:
        """Return the best level that a gate leaves open; a large number for all of them."""
        spec, formula = node.spec, node.formulas.get("gate")
        if not isinstance(spec, Checklist) or spec.gate is None or formula is None:
            return "99"
        levels = [level.id for level in self.instrument.levels_of(node.code)]
        fails = f"IFERROR(NOT({excel_condition(formula, self._cells(node.code))}),FALSE)"
        return f"IF({fails},{levels.index(spec.gate.otherwise)},99)"

    def _aside(self, node: Node) -> str:
        """Return 1 where facts say that an indicator does not apply, else 0."""
        cells, found = self._cells(node.code), []
        for name, formula in sorted(node.formulas.items()):
            if name.startswith("not_measurable["):
                found.append(f"IFERROR({excel_condition(formula, cells)},FALSE)")
        waiting, seen = [node.code], set()
        while waiting:
            code = waiting.pop()
            if code in seen:
                continue
            seen.add(code)
            exists = self.instrument.nodes[code].formulas.get("exists_when")
            if exists is not None:
                found.append(f"IFERROR(NOT({excel_condition(exists, cells)}),FALSE)")
            waiting.extend(self.instrument.nodes[code].parents)
        return f"IF(OR({','.join(found)}),1,0)" if found else "0"

    def _held(self, node: Node, parts: str = "FALSE") -> str:
        """Return 1 where a state is given that counts, else 0.

        Parts that are recorded outweigh a state that only says that nothing is known.
        """
        state = self._cell(node.code, "state")
        weak = [
            f"{state}={literal(self.wording.state(s))}"
            for s in self.instrument.spec.states
            if s.effect in ("not_available", "insufficient")
        ]
        outweighed = f"AND(OR({','.join(weak)}),{parts})" if weak else "FALSE"
        return f'IF({state}="",0,IF({outweighed},0,1))'

    def _shown(self, node: Node, waiting: str = '""') -> str:
        """Return what the cell of the level shows: a state, a level, or what is still to do."""
        state, aside, index = (self._cell(node.code, k) for k in ("state", "aside", "index"))
        held = self._cell(node.code, "held")
        levels = self.instrument.levels_of(node.code)
        cases = [(f"{index}={n}", literal(self.wording.of(x.title))) for n, x in enumerate(levels)]
        for state_ in self.instrument.spec.states:
            label = literal(self.wording.state(state_))
            cases.append((f"{index}={self._state_index(state_.id)}", label))
        open_ = literal(self.wording.text("no rule covers this"))
        level = first_of(cases, open_)
        shown = f"IF(ISERROR({index}),{waiting},{level})"
        away = literal(self._away(node))
        return f"IF({held}=1,{state},IF({aside}=1,{away},{shown}))"

    def _away(self, node: Node) -> str:
        """Return what is shown of an indicator that is set aside."""
        wanted = "not_measurable" if getattr(node.spec, "not_measurable", ()) else "not_applicable"
        for effect in (wanted, "not_measurable", "not_applicable"):
            for state in self.instrument.spec.states:
                if state.effect == effect:
                    return self.wording.state(state)
        return self.wording.text("does not apply")

    # -- places -----------------------------------------------------------------------------------

    def _cells(self, owner: str) -> Named:
        """Return the cells of what the formulas of an indicator name."""
        return Named(self.instrument, self.layout, self.lists, owner)

    def _cell(self, code: str, key: str) -> str:
        """Return the reference of a cell in the row of a code."""
        return self.layout.spots[code].cell(key)

    def _span(self, node: Node) -> tuple[str, str]:
        """Return the codes of the first and last part of an indicator, which stand together."""
        parts = self.layout.parts[node.code]
        return parts[0].code, parts[-1].code

    def _column(self, key: str, first: str, last: str) -> str:
        """Return the range of one column from one code to another."""
        end = self.layout.spots[last].cell(key).rpartition("!")[2]
        return f"{self.layout.spots[first].cell(key)}:{end}"

    def _any_error(self, codes: list[str]) -> str:
        """Return whether any of these codes has no value."""
        cells = ",".join(f"ISERROR({self.layout.spots[c].cell('value')})" for c in codes)
        return f"OR({cells})" if codes else "FALSE"

    def _counted(self, message: Message, count: str) -> str:
        """Return a sentence around a number that the sheet computes."""
        before, _, after = message.text(self.wording.tag).partition("\0")
        return f"{literal(before)}&{count}&{literal(after)}"


def _is_monotone(bands: Bands, n: int) -> bool:
    """Return whether more elements never change the direction in which levels go."""
    for asked in range(1, n + 1):
        steps = np.diff(bands.level_of(np.arange(asked + 1, dtype=np.float64), float(asked)))
        if (steps > 0).any() and (steps < 0).any():
            return False
    return True


def _is_number(text: str) -> bool:
    """Return whether a label is a plain number, kept as such in its list."""
    try:
        float(text)
    except ValueError:
        return False
    return True
