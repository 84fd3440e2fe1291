"""Indicators as formulas of a spreadsheet: from the answers to a value, a level and a score."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.instruments import Node
from workbench.interchange.cells import CaseCells, as_number, used_cell
from workbench.interchange.expressions import all_known, holds, written
from workbench.interchange.levels import (
    by_bands,
    by_word,
    rises,
    states_by_bands,
    words_with,
)
from workbench.interchange.normalised import normalised
from workbench.interchange.places import Asked, Column, Places
from workbench.interchange.spelling import (
    NOTHING,
    Unwritable,
    first_that_holds,
    is_one_of,
    known,
    number,
    otherwise,
    text,
    total,
)
from workbench.language import Message
from workbench.scoring.leaf_rules import areas_of
from workbench.scoring.leaves import NO_RULE
from workbench.scoring.states import Basis
from workbench.specs.instrument import (
    Category,
    Checklist,
    LevelNumbers,
    Measure,
    Outcome,
    PointsIndicator,
    ScoreIndicator,
    Statement,
)

EXCLUDED = ("not_measurable", "not_applicable")
Written = dict[Column, str]


@dataclass(frozen=True)
class LeafWriter:
    """Writes the formulas of the indicators.

    Parameters
    ----------
    places : Places
    """

    places: Places

    def write(self, row: int, node: Node) -> Written:
        """Return the formulas of one indicator in one case, by column.

        Raises
        ------
        Unwritable
            If one of its rules has no formula.
        """
        leaf = _Leaf(self.places, row, node)
        if self.places.scores.results[node.code].basis[row] == Basis.CARRIED:
            raise Unwritable(Message("it keeps the best level of an earlier measurement"))
        found: Written = {"given": self.places.given(row, node.code), **leaf.parts()}
        found["found"] = leaf.found()
        found["value"] = leaf.value()
        found["level"] = leaf.level()
        found["counts"] = leaf.counts()
        known_ = f"OR({leaf.cell('value')}<>{NOTHING},ISNUMBER({leaf.cell('level')}))"
        found["known"] = f"IF({leaf.cell('counts')}=0,0,IF({known_},1,0))"
        found["score"] = leaf.score()
        return found


@dataclass(frozen=True)
class _Leaf:
    """One indicator in one case."""

    places: Places
    row: int
    node: Node

    def cell(self, column: Column) -> str:
        """Return a cell of the indicator."""
        return self.places.at(self.row, self.node.code, column)

    @property
    def own(self) -> str:
        """The cell with the answer to the indicator itself."""
        return str(self.places.answer(self.row, Asked(self.node.code)))

    @property
    def reads(self) -> CaseCells:
        """What its formulas read."""
        return CaseCells(self.places, self.row, self.node)

    def words(self, *effects: str) -> tuple[str, ...]:
        """Return the states with an effect."""
        return words_with(self.places, *effects)

    def word(self, effect: str) -> str:
        """Return a state with an effect, as a text: that of the instrument if it has one."""
        return text(next(iter(self.words(effect)), effect))

    # -- what was observed ------------------------------------------------------------------------

    def parts(self) -> Written:
        """Return how many elements are asked for and met, or the maximum of points."""
        match self.node.spec:
            case Checklist() as spec:
                return self._elements(spec)
            case PointsIndicator(maximum=float(most)) | ScoreIndicator(maximum=float(most)):
                return {"asked": number(most)}
            case Statement():
                return {"asked": "1"}
            case Measure() if "formula" in self.node.formulas:
                return {"present": otherwise(self._result())}
        return {}

    def _range(self) -> str:
        """Return the range of the elements."""
        return self.places.answers_of(self.row, self.node.code, parts=True)

    def _away(self) -> str:
        """Return how many elements are not measurable."""
        cells = self._range()
        marks = [word.replace("*", "~*") for word in self.words("not_measurable")]
        return total([f"COUNTIF({cells},{text(mark)})" for mark in marks])

    def _elements(self, spec: Checklist) -> Written:
        """Return how many elements are asked for, and how many are met."""
        rule, cells = spec.not_measurable_elements, self._range()
        asked = str(len(spec.elements))
        if rule is not None and rule.rule == "reduce":
            asked = f"{asked}-{self._away()}"
        met = f"IF(COUNT({cells})+{self._away()}>0,SUM({cells}),{NOTHING})"
        return {"asked": asked, "present": met}

    def _open(self, spec: Checklist) -> str:
        """Return how many elements are not recorded, of a list of which some are."""
        if self.places.matrix.unlisted_not_met:
            return "0"
        return f"{len(spec.elements)}-COUNT({self._range()})-{self._away()}"

    def found(self) -> str:
        """Return the number or word that the answers give."""
        own = self.own
        match self.node.spec:
            case Checklist() as spec:
                asked, met = self.cell("asked"), self.cell("present")
                parts = f"IF(ISNUMBER({met}),IF({self._open(spec)}=0,{met},{NOTHING}),{NOTHING})"
                settled = f"IF({asked}=0,{self.word('not_measurable')},{parts})"
                of_number = f"IF({own}<={asked},{own},{settled})"
                return self._beside_parts(of_number, settled, f"ISNUMBER({met})")
            case Measure() as spec if "formula" in self.node.formulas:
                computed = self._computed(spec)
                return self._beside_parts(own, computed, f"ISNUMBER({self.cell('present')})")
        return f"IF({own}={NOTHING},{NOTHING},{own})"

    def _beside_parts(self, of_number: str, of_parts: str, parts_known: str) -> str:
        """Return what stands: an answer to the indicator itself, or what its parts give."""
        softer = self.words("not_available", "insufficient", "undetermined")
        word = self.own
        if softer:
            # A state that what was observed contradicts does not stand.
            contradicted = f"AND({is_one_of(self.own, softer)},{parts_known})"
            word = f"IF({contradicted},{of_parts},{self.own})"
        return f"IF(ISNUMBER({self.own}),{of_number},IF(ISTEXT({self.own}),{word},{of_parts}))"

    def _required(self, spec: Measure) -> list[str]:
        """Return the cells of the variables without which there is no result."""
        return [
            used_cell(self.places, self.row, f"{self.node.code}.{v.id}")
            for v in spec.variables
            if not v.optional
        ]

    def _result(self) -> str:
        """Return the result of the formula, an error where it has none."""
        spec, formula = self.node.spec, self.node.formulas["formula"]
        assert isinstance(spec, Measure)  # noqa: S101  # asked of measures alone
        result = written(formula, self.reads)
        unread = [x for cell in self._required(spec) if (x := known(cell)) not in result]
        return f"({result}+0*{total(unread)})" if unread else result

    def _computed(self, spec: Measure) -> str:
        """Return the result, or what stands where there is none."""
        formula = self.node.formulas["formula"]
        undefined = self._outcome(spec.undefined or NO_RULE)
        absent = self._absent(spec)
        if formula.can_be_undefined or formula.tables:
            undefined = f"IF({all_known(formula, self.reads)}=1,{undefined},{NOTHING})"
        else:
            undefined = NOTHING
        if absent is not None:
            undefined = f"IF({absent},{self._withheld(spec)},{undefined})"
        result = self.cell("present")
        found = f"IF(ISNUMBER({result}),{result},{undefined})" if undefined != NOTHING else result
        lacking = self._no_reference(spec)
        if spec.missing_reference is not None and lacking:
            found = f"IF(OR({','.join(lacking)}),{self._outcome(spec.missing_reference)},{found})"
        return found

    def _absent(self, spec: Measure) -> str | None:
        """Return whether a variable is missing without which there is no result."""
        needed = self._required(spec)
        if not needed:
            return None
        return f"{total([f'IF(ISNUMBER({x}),1,0)' for x in needed])}<{len(needed)}"

    def _withheld(self, spec: Measure) -> str:
        """Return the state of a measure of which a variable is not available."""
        words = self.words("not_available")
        cells = [
            str(self.places.answer(self.row, Asked(f"{self.node.code}.{v.id}")))
            for v in spec.variables
        ]
        if not words or not cells:
            return NOTHING
        some = ",".join(is_one_of(cell, words) for cell in cells)
        return f"IF(OR({some}),{text(words[0])},{NOTHING})"

    def _no_reference(self, spec: Measure) -> list[str]:
        """Return for each computed variable whether a table lacks what it looks up."""
        found = []
        for variable in spec.variables:
            compute = self.node.formulas.get(variable.id)
            if compute is None or (not compute.can_be_undefined and not compute.tables):
                continue
            code = f"{self.node.code}.{variable.id}"
            cell = str(self.places.answer(self.row, Asked(code)))
            here = used_cell(self.places, self.row, code)
            open_ = f"NOT(ISNUMBER({cell})),NOT(ISNUMBER({here}))"
            lacks = f"AND({open_},{all_known(compute, self.reads)}=1)"
            found.append(lacks)
        return found

    def _outcome(self, outcome: Outcome) -> str:
        """Return what a declared outcome puts in place: a number or a word."""
        if outcome.value is not None:
            return number(outcome.value)
        return text(str(outcome.level or outcome.state))

    # -- rules ------------------------------------------------------------------------------------

    def value(self) -> str:
        """Return what stands after the rules for missing data and suppositions."""
        found = self._when_missing(self._inherited(self.cell("found")))
        return first_that_holds(self._set_aside(), found)

    def _nothing(self, found: str) -> str:
        """Return whether nothing was observed at all, in part either."""
        if isinstance(self.node.spec, Checklist):
            return f"AND({found}={NOTHING},NOT(ISNUMBER({self.cell('present')})))"
        return f"{found}={NOTHING}"

    def _inherited(self, found: str) -> str:
        """Return the state given to a group above where nothing was observed."""
        passed = self.words("not_available", *EXCLUDED)
        rows = []
        for above in self.places.instrument.above[self.node.code]:
            cell = self.places.answer(self.row, Asked(above, "word"))
            if cell is not None and passed:
                rows.append((is_one_of(cell, passed), cell))
        if not rows:
            return found
        return f"IF({self._nothing(found)},{first_that_holds(rows, found)},{found})"

    def _when_missing(self, found: str) -> str:
        """Return the outcome of missing data."""
        rule = getattr(self.node.spec, "when_missing", None)
        if rule is None:
            return found
        if self.node.bands is not None and any(b.state for b in self.node.bands.bands):
            raise Unwritable(Message("its cut-points give states"))
        areas = sorted(areas_of(self.places.instrument, self.node.code))
        given = total([self.places.at(self.row, area, "given") for area in areas])
        hole = f"AND({self._nothing(found)},{given}>0)"
        words = self.words("not_available")
        either = f"OR({hole},{is_one_of(found, words)})" if words else hole
        return f"IF({either},{self._outcome(rule)},{found})"

    def _set_aside(self) -> list[tuple[str, str]]:
        """Return the suppositions under which the indicator does not count, and its state then."""
        nodes, rows = self.places.instrument.nodes, []
        owners = owners_read(self.places, self.node)
        if owners:
            left = [self.places.at(self.row, code, "counts") for code in owners]
            rows.append((f"{total(left)}=0", self.word("not_measurable")))
        for name, formula in self.node.formulas.items():
            if name.startswith("not_measurable"):
                rows.append((holds(formula, self.reads, 1), self.word("not_measurable")))
        for code in (self.node.code, *self.places.instrument.above[self.node.code]):
            exists = nodes[code].formulas.get("exists_when")
            if exists is not None:
                rows.append((holds(exists, self.reads, 0), self.word("not_applicable")))
        return rows

    def counts(self) -> str:
        """Return 1 where the indicator is in the denominator, else 0."""
        words = tuple(dict.fromkeys((*self.words(*EXCLUDED), *EXCLUDED)))
        value = self.cell("value")
        found = f"IF({is_one_of(value, words)},0,1)"
        if self.node.bands is not None:
            n = self.cell("asked") if isinstance(self.node.spec, Checklist) else None
            away = states_by_bands(self.node.bands, value, n, words)
            if away is not None:
                found = f"IF(ISNUMBER({value}),IF({away},0,1),{found})"
        return found

    # -- level and score --------------------------------------------------------------------------

    def level(self) -> str:
        """Return the level."""
        if self.node.scale is None:
            return NOTHING
        value = self.cell("value")
        found = by_word(self.places, self.node, value)
        if isinstance(self.node.spec, Category):
            ids = [level.id for level in self.places.instrument.levels_of(self.node.code)]
            options = [
                (
                    f"{value}={text(o.id)}",
                    str(ids.index(o.level) + 1) if o.level in ids else NOTHING,
                )
                for o in self.node.spec.options
            ]
            found = first_that_holds(options, found)
        if self.node.bands is not None:
            found = f"IF(ISNUMBER({value}),{self._by_bands(value)},{self._in_part(value, found)})"
        return self._gated(found)

    def _by_bands(self, value: str) -> str:
        """Return the level of a number."""
        assert self.node.bands is not None  # noqa: S101  # looked at before
        n = self.cell("asked") if isinstance(self.node.spec, Checklist) else None
        return by_bands(self.node.bands, value, n)

    def _in_part(self, value: str, found: str) -> str:
        """Return the level of a list of which some elements are not recorded, if it is settled."""
        spec, bands = self.node.spec, self.node.bands
        if not isinstance(spec, Checklist) or bands is None:
            return found
        met, n = self.cell("present"), len(spec.elements)
        if not rises(bands, n):
            return found  # the scoring may know more; the check beside tells
        least = self._by_bands(met)
        most = self._by_bands(f"({met}+{self._open(spec)})")
        settled = f"IF({least}={most},{least},{NOTHING})"
        return f"IF(AND({value}={NOTHING},ISNUMBER({met})),{settled},{found})"

    def _gated(self, found: str) -> str:
        """Return the level below the limit of a condition that does not hold."""
        spec, formula = self.node.spec, self.node.formulas.get("gate")
        if not isinstance(spec, Checklist) or spec.gate is None or formula is None:
            return found
        levels = [level.id for level in self.places.instrument.levels_of(self.node.code)]
        limit = levels.index(spec.gate.otherwise) + 1
        fails = holds(formula, self.reads, 0)
        return f"IF({fails},{otherwise(f'MIN(0+{found},{limit})')},{found})"

    def score(self) -> str:
        """Return the score: normalised, or what the kind of indicator gives."""
        rule, value = self.node.spec.normalise, as_number(self.places, self.row, self.node)
        if isinstance(rule, LevelNumbers):
            return level_number(self.places, self.node, self.cell("level"))
        if rule is not None:
            return otherwise(normalised(self.places, self.row, self.node, known(value)))
        if self.node.kind in ("checklist", "statement"):
            return f"IF(ISNUMBER({value}),{value}*100/{self.cell('asked')},{NOTHING})"
        return f"IF(ISNUMBER({value}),{value},{NOTHING})"


def owners_read(places: Places, node: Node) -> list[str]:
    """Return the indicators whose codes the formulas of an indicator read."""
    seen, nodes = places.instrument.observables, places.instrument.nodes
    owners = {seen[code].owner for f in node.formulas.values() for code in f.codes}
    return sorted(o for o in owners if o in nodes and nodes[o].is_indicator)


def level_number(places: Places, node: Node, level: str) -> str:
    """Return the number that a scale gives to a level."""
    levels = places.instrument.levels_of(node.code)
    rows = [
        (f"{level}={n}", number(entry.number))
        for n, entry in enumerate(levels, start=1)
        if entry.number is not None
    ]
    return first_that_holds(rows, NOTHING)
