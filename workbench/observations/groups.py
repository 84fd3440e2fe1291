"""Groups of respondents that published results tell apart, and how many of each answered what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from workbench.observations.respondents import ANSWERED, NOT_ASKED, Survey
from workbench.specs.survey import Item, RespondentsTable

SAID = "*"  # an answer that is a number or a text: its own words tell nobody apart


@dataclass(frozen=True)
class Domain:
    """The respondents of one unit and wave in one survey, or some of them.

    Parameters
    ----------
    key : (int, str, str)
        Number of the survey, unit, wave.
    groups : frozenset of int
    """

    key: tuple[int, str, str]
    groups: frozenset[int]


@dataclass(frozen=True)
class Group:
    """Respondents who belong to the same domains.

    Parameters
    ----------
    number : int
    size : int
    keys : tuple of (int, str, str)
        Domains in which they are counted.
    counts : mapping of str to mapping of str to int
        By question, how many gave each answer; '' for none.
    """

    number: int
    size: int
    keys: tuple[tuple[int, str, str], ...]
    counts: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Groups:
    """Groups with the domains they make up, and the surveys behind them.

    Parameters
    ----------
    tables : mapping of int to Survey
    groups : tuple of Group
    domains : tuple of Domain
    """

    tables: Mapping[int, Survey]
    groups: tuple[Group, ...]
    domains: tuple[Domain, ...]

    @cached_property
    def _by_number(self) -> dict[int, Group]:
        return {group.number: group for group in self.groups}

    def spec(self, domain: Domain) -> RespondentsTable:
        """Return the survey of a domain as the study describes it."""
        return self.tables[domain.key[0]].spec

    def column(self, domain: Domain, item: str) -> str:
        """Return the name under which a question is counted."""
        return column_of(self.spec(domain), item)

    def inside(self, domain: Domain) -> list[Group]:
        """Return the groups of a domain."""
        return [self._by_number[number] for number in sorted(domain.groups)]

    def between(self) -> Iterator[Domain]:
        """Yield each group that is no domain by itself: a difference of what is published."""
        whole = {(d.key, d.groups) for d in self.domains}
        for group in self.groups:
            alone = frozenset([group.number])
            if not any((key, alone) in whole for key in group.keys):
                yield from (Domain(key, alone) for key in group.keys)

    def routes(self, group: Group) -> Iterator[tuple[str, str, set[str], bool]]:
        """Yield question, question that leads to it, answers that do, and whether it alone does."""
        for table in sorted({key[0] for key in group.keys}):
            spec = self.tables[table].spec
            for name, item in spec.items.items():
                for other, wanted in item.asked_if.items():
                    columns = column_of(spec, name), column_of(spec, other)
                    yield *columns, set(wanted), len(item.asked_if) == 1

    def parts(self) -> Iterator[Groups]:
        """Yield what hangs together through groups that lie in several domains."""
        root = {d.key: d.key for d in self.domains}

        def top(key: tuple[int, str, str]) -> tuple[int, str, str]:
            while root[key] != key:
                key = root[key]
            return key

        for group in self.groups:
            for key in group.keys[1:]:
                root[top(key)] = top(group.keys[0])
        domains: dict[tuple[int, str, str], list[Domain]] = defaultdict(list)
        groups: dict[tuple[int, str, str], list[Group]] = defaultdict(list)
        for domain in self.domains:
            domains[top(domain.key)].append(domain)
        for group in self.groups:
            groups[top(group.keys[0])].append(group)
        for key, some in domains.items():
            yield Groups(self.tables, tuple(groups[key]), tuple(some))


def column_of(spec: RespondentsTable, name: str) -> str:
    """Return the name of a question: the same in two surveys that read and ask it alike."""
    item = spec.items[name]
    asked = item.model_dump(
        include={"options", "range", "text", "no_answer", "not_asked", "asked_if"}
    )
    return f"{spec.file}\n{spec.sheet}\n{name}\n{sorted(asked['options'])}{asked}"


def groups_of(surveys: Sequence[tuple[int, Survey]]) -> Groups:
    """Return the respondents of all surveys in groups; a row of a file is one person.

    Parameters
    ----------
    surveys : sequence of (int, Survey)
        With their numbers in the study.
    """
    frames = []
    for table, survey in surveys:
        frame = survey.people[["unit", "wave"]].assign(
            table=table, source=f"{survey.spec.file}\n{survey.spec.sheet}", row=survey.rows,
            at=range(len(survey.people)),
        )  # fmt: skip
        frames.append(frame)
    if not frames:
        return Groups({}, (), ())
    people = pd.concat(frames, ignore_index=True)
    people["key"] = list(zip(people["table"], people["unit"], people["wave"], strict=True))
    tables = dict(surveys)
    members: dict[tuple[tuple[int, str, str], ...], list[dict[int, int]]] = defaultdict(list)
    twice = people.duplicated(["source", "row"], keep=False).to_numpy()
    for key, table, at in people.loc[~twice, ["key", "table", "at"]].itertuples(index=False):
        members[(key,)].append({table: at})
    for _, own in people.loc[twice].groupby(["source", "row"], sort=False):
        found = dict(zip(own["table"], own["at"], strict=True))
        members[tuple(own["key"])].append(found)
    labels = {table: _labels(survey) for table, survey in surveys}
    groups = tuple(
        Group(number, len(rows), keys, _counts(keys, rows, tables, labels))
        for number, (keys, rows) in enumerate(members.items())
    )
    inside: dict[tuple[int, str, str], set[int]] = defaultdict(set)
    for group in groups:
        for key in group.keys:
            inside[key].add(group.number)
    return Groups(tables, groups, tuple(Domain(k, frozenset(n)) for k, n in inside.items()))


def _labels(survey: Survey) -> dict[str, list[str]]:
    """Return by question what each respondent is counted under."""
    found = {}
    for name, answers in survey.answers.items():
        own = survey.spec.items[name]
        found[name] = [
            NOT_ASKED if state == NOT_ASKED
            else "" if state != ANSWERED
            else str(answer) if own.options else SAID
            for state, answer in zip(answers.state, answers.answer, strict=True)
        ]  # fmt: skip
    return found


def _counts(
    keys: tuple[tuple[int, str, str], ...],
    rows: list[dict[int, int]],
    tables: Mapping[int, Survey],
    labels: Mapping[int, Mapping[str, list[str]]],
) -> dict[str, dict[str, int]]:
    """Return by question how many of a group gave each answer, with those that nobody gave."""
    found: dict[str, dict[str, int]] = {}
    for table in dict.fromkeys(key[0] for key in keys):
        spec = tables[table].spec
        for name, item in spec.items.items():
            column = column_of(spec, name)
            if column not in found:
                own = Counter(labels[table][name][row[table]] for row in rows)
                found[column] = dict.fromkeys(_possible(item), 0) | own
    return found


def _possible(item: Item) -> list[str]:
    """Return what may be counted of a question."""
    answers = [*item.options] or [SAID]
    return [*answers, "", *([NOT_ASKED] if item.not_asked or item.asked_if else [])]
