"""The words that rules and profiles share, with their hierarchies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from txselect.model.forms import Form, Number, NumberByName, Text, Texts, wrong

TERM_KINDS = ("site", "comorbidity", "finding", "histology", "drug", "preference")
"""Kinds of listed terms. The plural forms are the keys of vocabulary files and of profiles."""

Modality = Literal[
    "surgery", "radiotherapy", "ablation", "surveillance", "chemotherapy", "targeted", "hormonal", "immunotherapy",
    "adc", "radioligand", "bispecific", "cell_therapy", "combination", "bone_health", "supportive", "trial",
]  # fmt: skip


class Cancer(Form):
    code: Text
    label: Text
    parent: Text | None = None
    aliases: Texts = ()


class Implication(Form):
    """A measured value that settles another marker's state."""

    at_least: Number | Text | None = None
    at_most: Number | Text | None = None
    above: Number | Text | None = None
    below: Number | Text | None = None
    equals: Number | Text | None = None
    marker: Text
    state: Literal["positive", "negative"]


class Biomarker(Form):
    """`excludes` is written at one of two markers and holds for both (`Vocabulary.excluded`)."""

    id: Text
    label: Text
    aliases: Texts = ()
    is_a: Texts = ()
    any_of: Texts = ()
    excludes: Texts = ()
    unit: Text | None = None
    minimum: Number | None = None
    maximum: Number | None = None
    other_units: NumberByName = Field(default_factory=dict)
    scale: Texts = ()
    implies: tuple[Implication, ...] = ()

    @property
    def measured(self) -> bool:
        return self.unit is not None


class Test(Form):
    """What is found out at once: markers, measurements, parts of the profile (`ecog`, `cancer.extent`, `drugs`).

    origin: what its markers are looked for in; None: the tumour, or both.
    part_of: the test that is done and named for it: this one is only the part of it that a rule can ask for.
    """

    __test__ = False  # not a pytest class

    id: Text
    label: Text
    markers: Texts = ()
    measurements: Texts = ()
    fields: Texts = ()
    origin: Literal["germline", "somatic"] | None = None
    part_of: Text | None = None

    @model_validator(mode="after")
    def _tells_something(self) -> Self:
        if not (self.markers or self.measurements or self.fields):
            raise wrong(f"the test `{self.id}` tells nothing", hint="give `markers`, `measurements` or `fields`")
        return self


class Measurement(Form):
    id: Text
    label: Text
    unit: Text
    aliases: Texts = ()
    other_units: NumberByName = Field(default_factory=dict)
    lower_limit: Number | NumberByName | None = None
    upper_limit: Number | NumberByName | None = None
    minimum: Number | None = None
    maximum: Number | None = None


class Term(Form):
    """`absent` says that it is absent, where `no` before the label does not."""

    id: Text
    label: Text
    absent: Text | None = None
    aliases: Texts = ()
    is_a: Texts = ()


class Fact(Form):
    id: Text
    label: Text


class Therapy(Form):
    id: Text
    label: Text
    modality: Modality
    aliases: Texts = ()
    is_a: Texts = ()
    components: Texts = ()
    failed_by: Texts | None = None


class Agent(Form):
    id: Text
    label: Text
    classes: Texts = Field(alias="class", min_length=1)
    aliases: Texts = ()


@dataclass(frozen=True)
class Hierarchy:
    """A directed acyclic is-a relation over names.

    >>> kinds = Hierarchy({"leaf": ("branch",), "branch": ("root",), "root": ()})
    >>> sorted(kinds.above("leaf"))
    ['branch', 'leaf', 'root']
    >>> kinds.relation("leaf", "root"), kinds.relation("root", "leaf"), kinds.relation("leaf", "other")
    (True, None, False)
    """

    parents: Mapping[str, tuple[str, ...]]

    @cached_property
    def _closures(self) -> dict[str, frozenset[str]]:
        return {}

    def above(self, name: str) -> frozenset[str]:
        """`name` and everything it is a kind of."""
        known = self._closures.get(name)
        if known is None:
            parents = self.parents.get(name, ())
            known = frozenset({name}.union(*(self.above(parent) for parent in parents)))
            self._closures[name] = known
        return known

    @cached_property
    def children(self) -> dict[str, tuple[str, ...]]:
        result: dict[str, list[str]] = {}
        for name, parents in self.parents.items():
            for parent in parents:
                result.setdefault(parent, []).append(name)
        return {name: tuple(children) for name, children in result.items()}

    @cached_property
    def _below(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for name in self.parents:
            for wider in self.above(name):
                found.setdefault(wider, []).append(name)
        return {name: tuple(kinds) for name, kinds in found.items()}

    def below(self, name: str) -> tuple[str, ...]:
        """`name` and everything that is a kind of it."""
        return self._below.get(name, ())

    @cached_property
    def _related(self) -> dict[str, frozenset[str]]:
        return {}

    def related(self, name: str) -> frozenset[str]:
        """Everything above and below `name`, itself included."""
        known = self._related.get(name)
        if known is None:
            known = self._related[name] = self.above(name).union(self.below(name))
        return known

    def telling(self, names: Iterable[str]) -> tuple[str, ...]:
        """Names of which one stands for each that questions about some can tell apart, where nothing has two parents:
        these, what they are kinds of, and of each of those one kind that is neither.

        >>> kinds = Hierarchy({"root": (), "b": ("root",), "c": ("root",), "a": ("root",), "a1": ("a",), "a2": ("a",)})
        >>> kinds.telling(["a"])
        ('root', 'b', 'a', 'a1')
        """
        near = frozenset[str]().union(*map(self.above, names))
        others = (next((kind for kind in self.children.get(name, ()) if kind not in near), None) for name in near)
        telling = near.union(filter(None, others))
        return tuple(name for name in self.parents if name in telling)

    def relation(self, name: str, asked: str) -> bool | None:
        """Whether `name` is a kind of `asked`: None where `name` is more general, so the detail is missing."""
        if asked in self.above(name):
            return True
        return None if name in self.above(asked) else False

    def circle(self) -> tuple[str, ...]:
        """A circle of names, or an empty tuple."""
        done: set[str] = set()
        for start in self.parents:
            path: list[str] = []
            found = self._walk(start, path, done)
            if found:
                return found
        return ()

    def _walk(self, name: str, path: list[str], done: set[str]) -> tuple[str, ...]:
        if name in path:
            return (*path[path.index(name) :], name)
        if name in done:
            return ()
        path.append(name)
        for parent in self.parents.get(name, ()):
            found = self._walk(parent, path, done)
            if found:
                return found
        path.pop()
        done.add(name)
        return ()


_SEPARATORS = re.compile(r"[\s\-_/.,()]+")


def plain(name: str) -> str:
    """A spelling reduced to what counts when names are matched; British and American spellings are one.

    >>> plain("PD-L1 TPS") == plain("pdl1_tps"), plain("haemoglobin tumour") == plain("Hemoglobin tumor")
    (True, True)
    """
    reduced = _SEPARATORS.sub("", name).casefold()
    return reduced.replace("ae", "e").replace("oe", "e").replace("our", "or")


class Names:
    """From any spelling of a name (id, label, alias) to its id."""

    def __init__(self, entries: Iterable[tuple[str, Iterable[str]]]) -> None:
        self.ids: dict[str, str] = {}
        self.spellings: dict[str, str] = {}
        self.clashes: list[tuple[str, str, str]] = []
        for identifier, spellings in entries:
            for spelling in (identifier, *spellings):
                self._add(identifier, spelling)

    def _add(self, identifier: str, spelling: str) -> None:
        key = plain(spelling)
        known = self.ids.setdefault(key, identifier)
        self.spellings.setdefault(key, spelling)
        if known != identifier:
            self.clashes.append((spelling, known, identifier))

    def find(self, spelling: str) -> str | None:
        return self.ids.get(plain(spelling))

    def all_spellings(self) -> list[str]:
        return list(self.spellings.values())


@dataclass(frozen=True)
class Vocabulary:
    """Every word by its id. `terms` is keyed by kind first."""

    cancers: Mapping[str, Cancer]
    biomarkers: Mapping[str, Biomarker]
    tests: Mapping[str, Test]
    measurements: Mapping[str, Measurement]
    terms: Mapping[str, Mapping[str, Term]]
    facts: Mapping[str, Fact]
    therapies: Mapping[str, Therapy]
    agents: Mapping[str, Agent]

    def lacking(self, words: Vocabulary) -> list[str]:
        """The words of another vocabulary that this one has not, each with what it is."""
        parts = {part.name.rstrip("s"): part.name for part in fields(Vocabulary) if part.name != "terms"}
        found = [(kind, getattr(words, name).keys() - getattr(self, name).keys()) for kind, name in parts.items()]
        found += [(kind, terms.keys() - self.terms[kind].keys()) for kind, terms in words.terms.items()]
        return sorted(f"{kind} `{name}`" for kind, names in found for name in names)

    @cached_property
    def cancer_names(self) -> Names:
        return Names((c.code, (c.label, *c.aliases)) for c in self.cancers.values())

    @cached_property
    def marker_names(self) -> Names:
        return Names((m.id, (m.label, *m.aliases)) for m in self.biomarkers.values())

    @cached_property
    def measurement_names(self) -> Names:
        return Names((m.id, (m.label, *m.aliases)) for m in self.measurements.values())

    @cached_property
    def therapy_names(self) -> Names:
        """Classes and agents together: a profile may name either. Where both are spelled alike, the agent is meant."""
        entries: list[Therapy | Agent] = [*self.agents.values(), *self.therapies.values()]
        return Names((entry.id, (entry.label, *entry.aliases)) for entry in entries)

    @cached_property
    def term_names(self) -> dict[str, Names]:
        return {
            kind: Names((term.id, (term.label, *term.aliases)) for term in terms.values())
            for kind, terms in self.terms.items()
        }

    @cached_property
    def cancer_kinds(self) -> Hierarchy:
        return Hierarchy({c.code: (c.parent,) if c.parent else () for c in self.cancers.values()})

    @cached_property
    def marker_kinds(self) -> Hierarchy:
        parents = {marker.id: list(marker.is_a) for marker in self.biomarkers.values()}
        for marker in self.biomarkers.values():
            for part in marker.any_of:
                if part in parents:
                    parents[part].append(marker.id)
        return Hierarchy({name: tuple(dict.fromkeys(above)) for name, above in parents.items()})

    @cached_property
    def excluded(self) -> dict[str, tuple[str, ...]]:
        """For each marker those that a report which makes it positive itself makes negative, whichever names which."""
        found: dict[str, dict[str, None]] = {name: {} for name in self.biomarkers}
        for marker in self.biomarkers.values():
            for other in marker.excludes:
                found[marker.id][other] = None
                found.setdefault(other, {})[marker.id] = None
        return {name: tuple(others) for name, others in found.items()}

    @cached_property
    def marker_families(self) -> dict[str, str]:
        """For each marker the name of its family: markers of which one result can say something of another."""
        family = {name: name for name in self.biomarkers}

        def head(name: str) -> str:
            while family[name] != name:
                name = family[name]
            return name

        for marker in self.biomarkers.values():
            implied = (implication.marker for implication in marker.implies)
            for other in (*marker.is_a, *marker.any_of, *marker.excludes, *implied):
                family[head(marker.id)] = head(other)
        return {name: head(name) for name in family}

    @cached_property
    def therapy_kinds(self) -> Hierarchy:
        """Agents are kinds of their classes; a combination is a kind of each of its components."""
        classes = {t.id: (*t.is_a, *t.components) for t in self.therapies.values()}
        return Hierarchy(classes | {agent.id: agent.classes for agent in self.agents.values()})

    @cached_property
    def term_kinds(self) -> dict[str, Hierarchy]:
        return {kind: Hierarchy({t.id: t.is_a for t in terms.values()}) for kind, terms in self.terms.items()}

    @cached_property
    def agents_of(self) -> dict[str, tuple[str, ...]]:
        """Agents by class, subclasses included."""
        result: dict[str, list[str]] = {}
        for agent in self.agents:
            for above in self.therapy_kinds.above(agent) - {agent}:
                result.setdefault(above, []).append(agent)
        return {name: tuple(agents) for name, agents in result.items()}

    def therapy_label(self, name: str) -> str:
        """The label of a class or an agent."""
        return (self.therapies.get(name) or self.agents[name]).label

    def failed_by(self, therapy: str) -> tuple[str, ...]:
        """The classes on which progression counts as failure of `therapy`."""
        entry = self.therapies[therapy]
        if entry.failed_by is not None:
            return entry.failed_by
        if entry.components:
            return tuple(dict.fromkeys(name for part in entry.components for name in self.failed_by(part)))
        return (therapy,)
