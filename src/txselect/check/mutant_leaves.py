"""What can be changed in a single condition of a rule: what it denies, its numbers, how wide its names are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from txselect.model.condition import (
    CancerIs,
    Comparison,
    Condition,
    FieldMeasures,
    Listed,
    MarkerIs,
    MarkerMeasures,
    Measures,
    Not,
    Occurrence,
    TherapyGiven,
)
from txselect.model.vocabulary import Hierarchy, Vocabulary

_ACROSS_EQUALITY = {"at_least": "above", "above": "at_least", "at_most": "below", "below": "at_most"}
_ONTO_THE_NEXT = {"at_least": 1, "above": -1, "at_most": -1, "below": 1}
"""The step that a whole number's bound makes by going to the other side of equality."""
_NOT_WHOLE = ("months_since_diagnosis",)
"""Numbers of the profile that are not counted in whole ones."""


@dataclass(frozen=True, slots=True)
class LeafChange:
    """kind and variant tell the changes of one condition apart."""

    kind: str
    variant: str
    condition: Condition


def leaf_changes(leaf: Occurrence, vocabulary: Vocabulary) -> Iterator[LeafChange]:
    """Every change of one condition. Turning a marker's state round is the same as denying it, so only one is made."""
    yield from (LeafChange("widen", variant, wider) for variant, wider in _widened(leaf, vocabulary))
    yield from (LeafChange("threshold", variant, other) for variant, other in _with_moved_bounds(leaf, vocabulary))
    if isinstance(leaf, MarkerIs):
        yield LeafChange("state", "", replace(leaf, state=not leaf.state))
    else:
        yield LeafChange("negate", "", Not(leaf, leaf.place))


def _widened(leaf: Occurrence, vocabulary: Vocabulary) -> Iterator[tuple[str, Condition]]:
    match leaf:
        case MarkerIs(marker):
            for variant, (parent,) in widened((marker,), vocabulary.marker_kinds):
                if not (vocabulary.biomarkers[parent].measured or vocabulary.biomarkers[parent].scale):
                    yield variant, replace(leaf, marker=parent)
        case CancerIs(codes):
            yield from ((said, replace(leaf, codes=wider)) for said, wider in widened(codes, vocabulary.cancer_kinds))
        case Listed(kind, names):
            kinds = vocabulary.term_kinds[kind]
            yield from ((said, replace(leaf, names=wider)) for said, wider in widened(names, kinds))
        case TherapyGiven(classes):
            kinds = vocabulary.therapy_kinds
            yield from ((said, replace(leaf, classes=wider)) for said, wider in widened(classes, kinds))
        case _:
            pass


def _with_moved_bounds(leaf: Occurrence, vocabulary: Vocabulary) -> Iterator[tuple[str, Condition]]:
    match leaf:
        case MarkerMeasures(marker, comparison):
            scale = vocabulary.biomarkers[marker].scale
            found = moved(comparison, whole=bool(scale), steps=scale)
            yield from ((said, replace(leaf, comparison=other)) for said, other in found)
        case Measures(_, comparison, relative_to):
            found = ((said, other) for said, other in moved(comparison) if not relative_to or _is_multiple(other))
            yield from ((said, replace(leaf, comparison=other)) for said, other in found)
        case FieldMeasures(name, comparison):
            found = moved(comparison, whole=name not in _NOT_WHOLE)
            yield from ((said, replace(leaf, comparison=other)) for said, other in found)
        case TherapyGiven():
            yield from _with_moved_details(leaf)
        case _:
            pass


def _with_moved_details(leaf: TherapyGiven) -> Iterator[tuple[str, Condition]]:
    for said, other in moved(leaf.line, whole=True):
        yield f"line {said}", replace(leaf, line=other)
    for said, other in moved(leaf.months_since_end):
        yield f"months since end {said}", replace(leaf, months_since_end=other)
    for said, other in moved(leaf.months_on_therapy):
        yield f"months on therapy {said}", replace(leaf, months_on_therapy=other)


def widened(names: tuple[str, ...], kinds: Hierarchy) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names with one of them replaced by what it is a kind of, for each that is one.

    >>> list(widened(("taxane", "surgery"), Hierarchy({"taxane": ("chemotherapy",), "surgery": ()})))
    [('taxane to chemotherapy', ('chemotherapy', 'surgery'))]
    """
    for index, name in enumerate(names):
        for parent in kinds.parents.get(name, ()):
            wider = dict.fromkeys((*names[:index], parent, *names[index + 1 :]))
            yield f"{name} to {parent}", tuple(wider)


def moved(
    comparison: Comparison | None, *, whole: bool = False, steps: Sequence[str] = ()
) -> Iterator[tuple[str, Comparison]]:
    """Each bound moved to the other side of equality, and by one unit of its last digit either way.

    whole: only whole numbers are compared, so one of these steps is the other side of equality and not made twice.
    steps: the names of a scale's steps, beyond which no bound is moved.

    >>> [text for text, _ in moved(Comparison(at_least=50))]
    ['above 50', 'at least 51', 'at least 49']
    >>> [text for text, _ in moved(Comparison(below=1.5))]
    ['at most 1.5', 'below 1.6', 'below 1.4']
    >>> [text for text, _ in moved(Comparison(at_most=2), whole=True)]
    ['below 2', 'at most 3']
    """
    for name in ("at_least", "at_most", "above", "below", "equals"):
        bound: float | None = getattr(comparison, name) if comparison else None
        if comparison is None or bound is None:
            continue
        for other in _moved(comparison, name, bound, whole):
            if not other.contradictory() and (not steps or _on_scale(other, steps)):
                yield other.text(steps=steps), other


def _moved(comparison: Comparison, name: str, bound: float, whole: bool) -> Iterator[Comparison]:
    other = _ACROSS_EQUALITY.get(name)
    if other and getattr(comparison, other) is None:
        yield replace(comparison, **{name: None, other: bound})
    for direction in (1, -1):
        if not (whole and _ONTO_THE_NEXT.get(name) == direction):
            yield replace(comparison, **{name: round(bound + direction * last_digit(bound), 9)})


def last_digit(number: float) -> float:
    """One unit of the last digit of a number as it is written.

    >>> last_digit(50), last_digit(1.5), last_digit(0.05)
    (1.0, 0.1, 0.01)
    """
    exponent = Decimal(f"{number:g}").as_tuple().exponent
    return float(Decimal(10) ** min(0, exponent)) if isinstance(exponent, int) else 1.0


def _on_scale(comparison: Comparison, steps: Sequence[str]) -> bool:
    """Whether its bounds are steps of the scale, and some step meets it."""
    bounds = (comparison.at_least, comparison.at_most, comparison.above, comparison.below, comparison.equals)
    known = range(len(steps))
    return all(bound is None or bound in known for bound in bounds) and any(map(comparison.holds, known))


def _is_multiple(comparison: Comparison) -> bool:
    """Whether it can be written as so many times a limit of normal: only above and below, and more than none."""
    return (comparison.above or 0) > 0 or (comparison.below or 0) > 0
