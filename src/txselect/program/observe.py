"""What a patient's profile says of each leaf condition: true, false or unknown (strong Kleene logic)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import attrgetter

from txselect.model.condition import (
    CancerIs,
    Comparison,
    FieldIs,
    FieldMeasures,
    Leaf,
    Listed,
    MarkerIs,
    MarkerMeasures,
    Measures,
    TherapyGiven,
)
from txselect.model.patient import Listing, MarkerKnowledge, Patient, Span, TherapyRecord
from txselect.model.profile import LIST_NAMES
from txselect.model.vocabulary import Hierarchy, Vocabulary
from txselect.program.horn import negative, positive
from txselect.program.program import Program

Truth = bool | None
Test = Callable[[Patient], Truth]
_STAGE_PARTS = re.compile(r"[IV]+|.")
_METASTATIC_KINDS = ("oligometastatic", "polymetastatic")


def any_of(truths: Iterable[Truth]) -> Truth:
    """Kleene or.

    >>> any_of([False, None]), any_of([None, True]), any_of([])
    (None, True, False)
    """
    result: Truth = False
    for truth in truths:
        if truth:
            return True
        if truth is None:
            result = None
    return result


def all_of(truths: Iterable[Truth]) -> Truth:
    """Kleene and."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


class Observer:
    """Finds the literals that a profile settles; leaves whose subject it does not mention are not even asked.

    tests: for each leaf's node what its condition says of a patient.
    """

    def __init__(self, program: Program, vocabulary: Vocabulary) -> None:
        self.tests: dict[int, Test] = {}
        self._by_subject: dict[str, list[tuple[int, Test]]] = {}
        for number in program.leaves:
            leaf = program.nodes[number].leaf
            if leaf is not None:
                test = self.tests[number] = leaf_test(leaf, vocabulary)
                self._by_subject.setdefault(subject_of(leaf), []).append((number, test))

    def observed(self, patient: Patient) -> list[int]:
        """The literals known, in ascending order."""
        literals = []
        for subject in patient.subjects:
            for number, test in self._by_subject.get(subject, ()):
                truth = test(patient)
                if truth is not None:
                    literals.append(positive(number) if truth else negative(number))
        return sorted(literals)


def subject_of(leaf: Leaf) -> str:
    """What a leaf asks about, in the words of `Patient.subjects`."""
    match leaf:
        case CancerIs():
            return "cancer"
        case MarkerIs(marker) | MarkerMeasures(marker):
            return f"marker {marker}"
        case Measures(name):
            return f"measurement {name}"
        case TherapyGiven():
            return "prior therapies"
        case Listed(kind):
            return f"list {kind}"
        case FieldIs(name) | FieldMeasures(name):
            return f"field {name}"


def leaf_test(leaf: Leaf, vocabulary: Vocabulary) -> Test:
    """A function from patients to the truth of the leaf."""
    match leaf:
        case CancerIs(codes):
            return lambda patient: any_of(vocabulary.cancer_kinds.relation(patient.cancer, code) for code in codes)
        case MarkerIs():
            return _marker_test(leaf)
        case MarkerMeasures(marker, comparison):
            return lambda patient: _marker_value(patient.markers.get(marker), comparison)
        case Measures():
            return _measurement_test(leaf)
        case TherapyGiven():
            return _therapy_test(leaf, vocabulary)
        case Listed(kind, names):
            return _listed_test(kind, names, vocabulary.term_kinds[kind])
        case FieldIs(name, values):
            return lambda patient: _field(patient.fields.get(name), name, values)
        case FieldMeasures(name, comparison):
            return lambda patient: span.within(comparison) if (span := patient.numbers.get(name)) else None


def _marker_test(leaf: MarkerIs) -> Test:
    def test(patient: Patient) -> Truth:
        knowledge = patient.markers.get(leaf.marker)
        if knowledge is None or knowledge.contradictory:
            return None
        state = knowledge.state if leaf.origin is None else _state_by_origin(knowledge, leaf.origin)
        return None if state is None else state is leaf.state

    return test


def _state_by_origin(knowledge: MarkerKnowledge, origin: str) -> Truth:
    """Germline and somatic results speak for themselves only; a result without an origin settles neither."""
    if any(report.origin == origin for report in knowledge.positive):
        return True
    negative = knowledge.germline_negative if origin == "germline" else knowledge.negative
    return False if any(report.origin == origin for report in negative) else None


def _marker_value(knowledge: MarkerKnowledge | None, comparison: Comparison) -> Truth:
    if knowledge is None or knowledge.value is None:
        return None
    return comparison.holds(knowledge.value)


def _measurement_test(leaf: Measures) -> Test:
    def test(patient: Patient) -> Truth:
        found = patient.measurements.get(leaf.name)
        if found is None:
            return None
        if leaf.relative_to is None:
            return leaf.comparison.holds(found.value)
        limit = found.upper_limit if leaf.relative_to == "upper_limit" else found.lower_limit
        # rounded, because 1.8 / 1.2 is a little more than 1.5 to a float
        return None if not limit else leaf.comparison.holds(round(found.value / limit, 9))

    return test


def _therapy_test(leaf: TherapyGiven, vocabulary: Vocabulary) -> Test:
    asked = tuple(_AskedTherapy.of(name, vocabulary) for name in leaf.classes)
    relevant = frozenset().union(*(one.relevant() for one in asked))
    meets = _meets(leaf, asked)

    def test(patient: Patient) -> Truth:
        met: Truth = False
        if not asked or not relevant.isdisjoint(patient.therapy_names):
            met = any_of(map(meets, patient.therapies))
        return met if met or patient.therapies_complete else None

    return test


def met_by(leaf: TherapyGiven, vocabulary: Vocabulary) -> Callable[[TherapyRecord], Truth]:
    """Whether one prior therapy meets all that a condition asks of it."""
    return _meets(leaf, tuple(_AskedTherapy.of(name, vocabulary) for name in leaf.classes))


def _meets(leaf: TherapyGiven, asked: tuple[_AskedTherapy, ...]) -> Callable[[TherapyRecord], Truth]:
    details = tuple(_details(leaf))

    def meets(record: TherapyRecord) -> Truth:
        of_class = _of_class(asked, record.names)
        return False if of_class is False else all_of((of_class, *(detail(record) for detail in details)))

    return meets


def class_test(classes: tuple[str, ...], vocabulary: Vocabulary) -> Callable[[tuple[str, ...]], Truth]:
    """Whether therapies of some names are of one of the classes; no class asks nothing."""
    asked = tuple(_AskedTherapy.of(name, vocabulary) for name in classes)
    relevant = frozenset[str]().union(*(one.relevant() for one in asked))
    return lambda names: False if asked and relevant.isdisjoint(names) else _of_class(asked, names)


def _of_class(asked: tuple[_AskedTherapy, ...], names: tuple[str, ...]) -> Truth:
    return any_of(one.given(names) for one in asked) if asked else True


@dataclass(frozen=True, slots=True)
class _AskedTherapy:
    """A class or agent as a condition asks for it: names that are it, names too general to tell, its components."""

    kinds: frozenset[str]
    general: frozenset[str]
    components: tuple[_AskedTherapy, ...]

    @staticmethod
    def of(name: str, vocabulary: Vocabulary) -> _AskedTherapy:
        hierarchy = vocabulary.therapy_kinds
        entry = vocabulary.therapies.get(name)
        parts = entry.components if entry else ()
        # A component given alone is not a combination of which nobody knows the rest.
        general = hierarchy.above(name).difference({name}, *map(hierarchy.above, parts))
        components = tuple(_AskedTherapy.of(part, vocabulary) for part in parts)
        return _AskedTherapy(frozenset(hierarchy.below(name)), general, components)

    def relevant(self) -> frozenset[str]:
        """Names that can make a difference."""
        return self.kinds.union(self.general, *(part.relevant() for part in self.components))

    def given(self, names: tuple[str, ...]) -> Truth:
        if not self.kinds.isdisjoint(names):
            return True
        together = all_of(part.given(names) for part in self.components) if self.components else False
        return together if together or self.general.isdisjoint(names) else None


def _details(leaf: TherapyGiven) -> Iterator[Callable[[TherapyRecord], Truth]]:
    """What a condition asks of one prior therapy beside its class."""
    words = {"outcome": leaf.outcomes, "setting": leaf.settings, "hormone_state": leaf.hormone_states}
    numbers = {
        "line": leaf.line, "months_since_end": leaf.months_since_end, "months_on_therapy": leaf.months_on_therapy,
    }  # fmt: skip
    for key, asked in words.items():
        if asked:
            yield partial(_among, attrgetter(key), asked)
    for key, comparison in numbers.items():
        if comparison is not None:
            yield partial(_within, attrgetter(key), comparison)


def _among(detail: Callable[[TherapyRecord], str | None], asked: tuple[str, ...], record: TherapyRecord) -> Truth:
    value = detail(record)
    return None if value is None else value in asked


def _within(detail: Callable[[TherapyRecord], float | None], asked: Comparison, record: TherapyRecord) -> Truth:
    value = detail(record)
    return None if value is None else asked.holds(value)


def _listed_test(kind: str, names: tuple[str, ...], kinds: Hierarchy) -> Test:
    asked = tuple((frozenset(kinds.below(name)), kinds.above(name)) for name in names)
    relevant = frozenset().union(*map(kinds.related, names))

    def test(patient: Patient) -> Truth:
        listing = patient.listings.get(kind)
        if listing is None:
            return None
        if relevant.isdisjoint(listing.states):
            return False if listing.complete else None
        return any_of(_listed(listing, below, above) for below, above in asked)

    return test


def _listed(listing: Listing, below: frozenset[str], above: frozenset[str]) -> Truth:
    """Present if a kind of it is, absent if it or something more general is; a more general term leaves it open."""
    present = absent = False
    is_open = not listing.complete
    for other, state in listing.states.items():
        present = present or (state is True and other in below)
        absent = absent or (state is False and other in above)
        is_open = is_open or (state is None and other in below) or (state is not False and other in above)
    if present or absent:
        return None if present and absent else present
    return None if is_open else False


def _field(value: str | None, name: str, asked: tuple[str, ...]) -> Truth:
    if value is None:
        return None
    match name:
        case "extent":
            return any_of(_extent(value, one) for one in asked)
        case "stage":
            return any_of(_stage(value, one) for one in asked)
        case _:
            return value in asked


def _extent(value: str, asked: str) -> Truth:
    if value == asked or (asked == "metastatic" and value in _METASTATIC_KINDS):
        return True
    return None if value == "metastatic" and asked in _METASTATIC_KINDS else False


def _stage(value: str, asked: str) -> Truth:
    """Stage IVB is a stage IV; of a plain stage IV it is not known whether it is IVB."""
    found, wanted = _STAGE_PARTS.findall(value), _STAGE_PARTS.findall(asked)
    if found[: len(wanted)] == wanted:
        return True
    return None if wanted[: len(found)] == found else False


@lru_cache(maxsize=64)
def lists_asked(program: Program) -> tuple[str, ...]:
    """For each node the profile's list that it asks about, or an empty text."""
    return tuple(_list_asked(node.leaf) if node.leaf else "" for node in program.nodes)


@lru_cache(maxsize=64)
def limits_compared(program: Program) -> frozenset[tuple[str, str]]:
    """The measurements that some condition holds against a limit of normal, each with that limit."""
    leaves = (program.nodes[number].leaf for number in program.leaves)
    return frozenset(
        (leaf.name, leaf.relative_to) for leaf in leaves if isinstance(leaf, Measures) and leaf.relative_to
    )


def _list_asked(leaf: Leaf) -> str:
    match leaf:
        case TherapyGiven() | FieldMeasures("prior_lines"):
            return "prior_therapies"
        case Listed(kind):
            return LIST_NAMES[kind]
        case _:
            return ""


def not_listed(leaf: Leaf, patient: Patient, truth: bool) -> bool:
    """Whether the truth of a leaf that asks about a list assumed complete rests on that assumption.

    A term listed as absent is a statement and no assumption.
    """
    match leaf:
        case FieldMeasures(name, comparison):
            # with at least so many lines listed, more of them might change nothing
            return Span(patient.numbers[name].low, float("inf")).within(comparison) is None
        case Listed(kind, names) if not truth:
            states = patient.listings[kind].states
            return not all(states.get(name) is False for name in names)
        case _:
            return not truth
