"""The vocabulary of a pack, put together from all its files and checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from txselect.errors import Gathering, did_you_mean
from txselect.language.rule_forms import PackFile
from txselect.language.scales import COMPARISONS, values_off_scale
from txselect.model.forms import Form
from txselect.model.profile import LIST_NAMES, PROFILE_PATHS
from txselect.model.vocabulary import Biomarker, Hierarchy, Names, Test, Vocabulary

Entry = TypeVar("Entry", bound=Form)
_TERM_LISTS = {**LIST_NAMES, "histology": "histologies"}


def merged(kind: str, entries: Iterable[Entry], key: Callable[[Entry], str], problems: Gathering) -> dict[str, Entry]:
    """Entries by id; an id given twice is reported at its second place."""
    result: dict[str, Entry] = {}
    for entry in entries:
        first = result.setdefault(key(entry), entry)
        if first is not entry:
            problems.add(entry.place, "TX007", f"the {kind} `{key(entry)}` is given twice", f"first: {first.place}")
    return result


def read_vocabulary(forms: Sequence[PackFile], problems: Gathering) -> Vocabulary:
    """Every word of the pack. Problems are added and reading goes on."""
    vocabulary = Vocabulary(
        cancers=merged("cancer", (e for f in forms for e in f.cancers), lambda e: e.code, problems),
        biomarkers=merged("marker", (e for f in forms for e in f.biomarkers), lambda e: e.id, problems),
        tests=merged("test", (e for f in forms for e in f.tests), lambda e: e.id, problems),
        measurements=merged("measurement", (e for f in forms for e in f.measurements), lambda e: e.id, problems),
        terms={
            kind: merged(kind, (e for f in forms for e in getattr(f, key)), lambda e: e.id, problems)
            for kind, key in _TERM_LISTS.items()
        },
        facts=merged("fact", (e for f in forms for e in f.facts), lambda e: e.id, problems),
        therapies=merged("therapy class", (e for f in forms for e in f.therapies), lambda e: e.id, problems),
        agents=merged("agent", (e for f in forms for e in f.agents), lambda e: e.id, problems),
    )
    _check_references(vocabulary, problems)
    for marker in vocabulary.biomarkers.values():
        _check_implications(marker, vocabulary, problems)
    _check_circles(vocabulary, problems)
    for marker in vocabulary.biomarkers.values():
        _check_exclusions(marker, vocabulary, problems)
    _check_spellings(vocabulary, problems)
    return vocabulary


def _check_references(vocabulary: Vocabulary, problems: Gathering) -> None:
    for cancer in vocabulary.cancers.values():
        if cancer.parent and cancer.parent not in vocabulary.cancers:
            hint = did_you_mean(cancer.parent, vocabulary.cancers)
            problems.add(cancer.place.at("parent"), "TX006", f"unknown cancer code `{cancer.parent}`", hint)
    _check_names(vocabulary.biomarkers, ("is_a", "any_of", "excludes"), "marker", vocabulary.biomarkers, problems)
    _check_names(vocabulary.tests, ("markers",), "marker", vocabulary.biomarkers, problems)
    _check_names(vocabulary.tests, ("measurements",), "measurement", vocabulary.measurements, problems)
    for test in vocabulary.tests.values():
        _check_parts_of_the_profile(test, problems)
        if test.part_of and test.part_of not in vocabulary.tests:
            hint = did_you_mean(test.part_of, vocabulary.tests)
            problems.add(test.place.at("part_of"), "TX006", f"unknown test `{test.part_of}`", hint)
    for kind, terms in vocabulary.terms.items():
        _check_names(terms, ("is_a",), kind, terms, problems)
    classes = vocabulary.therapies
    _check_names(classes, ("is_a", "components", "failed_by"), "therapy class", classes, problems)
    _check_names(vocabulary.agents, ("classes",), "therapy class", classes, problems)


def _check_names(
    entries: Mapping[str, Form], fields: Iterable[str], kind: str, existing: Collection[str], problems: Gathering
) -> None:
    """Every name that the entries give in these fields must be among those that exist."""
    for entry in entries.values():
        for field in fields:
            key = type(entry).model_fields[field].alias or field
            for index, name in enumerate(getattr(entry, field) or ()):
                if name not in existing:
                    place = entry.place.at(key, index)
                    problems.add(place, "TX006", f"unknown {kind} `{name}`", did_you_mean(name, existing))


def _check_parts_of_the_profile(test: Test, problems: Gathering) -> None:
    for index, name in enumerate(test.fields):
        if name not in PROFILE_PATHS:
            place = test.place.at("fields", index)
            problems.add(place, "TX006", f"unknown part of the profile `{name}`", _part_meant(name))


def _part_meant(name: str) -> str:
    """A hint at the part of the profile that is meant; what stands under `cancer` is easily named without it."""
    if name in ("biomarkers", "measurements"):
        return "name single ones, under `markers` or `measurements`"
    moved = next((path for path in (f"cancer.{name}", name.removeprefix("cancer.")) if path in PROFILE_PATHS), None)
    known = f"known: {', '.join(PROFILE_PATHS)}"
    return f"did you mean `{moved}`?" if moved else did_you_mean(name, PROFILE_PATHS) or known


def _check_implications(marker: Biomarker, vocabulary: Vocabulary, problems: Gathering) -> None:
    if marker.implies and not (marker.measured or marker.scale):
        hint = "use `is_a` between markers that are positive or negative"
        problems.add(marker.place, "TX005", f"`{marker.id}` has no unit and no scale, so nothing to compare", hint)
        return
    for implication in marker.implies:
        if implication.marker not in vocabulary.biomarkers:
            hint = did_you_mean(implication.marker, vocabulary.biomarkers)
            place = implication.place.at("marker")
            problems.add(place, "TX006", f"unknown marker `{implication.marker}`", hint)
        if all(getattr(implication, key) is None for key in COMPARISONS):
            problems.add(implication.place, "TX004", "the implication needs a comparison")
        for key, message, hint in values_off_scale(implication, marker):
            problems.add(implication.place.at(key), "TX009", message, hint)


def _check_exclusions(marker: Biomarker, vocabulary: Vocabulary, problems: Gathering) -> None:
    """What a marker excludes must be able to be negative while it is positive, and the other way round."""
    for index, other in enumerate(marker.excludes):
        if other in vocabulary.biomarkers:
            why, hint = _always_together(marker.id, other, vocabulary) or _without_state(marker.id, other, vocabulary)
            if why:
                place = marker.place.at("excludes", index)
                problems.add(place, "TX005", f"`{marker.id}` cannot exclude `{other}`: {why}", hint)


def _always_together(first: str, second: str, vocabulary: Vocabulary) -> tuple[str, str] | None:
    """Why two markers can be positive together by what the kinds say, with a hint."""
    kinds = vocabulary.marker_kinds
    if first == second:
        return "it is the same marker", "name another marker, or leave `excludes` out"
    if second in kinds.related(first):
        kind, wider = (first, second) if second in kinds.above(first) else (second, first)
        return f"`{kind}` is a kind of `{wider}`", "a marker and its kind are positive together"
    both = [name for name in kinds.below(first) if name in kinds.below(second)]
    if both:
        return f"`{both[0]}` is a kind of both", f"a positive `{both[0]}` makes both positive"
    for own, other in ((first, second), (second, first)):
        whole = _whole_without_part(own, other, vocabulary)
        if whole:
            why = f"`{own}` is a kind of `{whole}` and of none of its parts, and would make some of them negative"
            return why, f"put `{own}` among the parts of `{whole}`, or below one of them"
    return None


def _without_state(first: str, second: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """That one of two markers has a value and no state, with a hint; empty texts where both have a state."""
    for entry in (vocabulary.biomarkers[first], vocabulary.biomarkers[second]):
        if entry.measured or entry.scale:
            return f"`{entry.id}` has a value, not a state", "name a marker that the value implies"
    return "", ""


def _whole_without_part(own: str, other: str, vocabulary: Vocabulary) -> str | None:
    """A whole with something below it that `other` is or is above, of which `own` is a kind but no part is above it.

    Positive through `own`, it would be negative with its parts.
    """
    kinds = vocabulary.marker_kinds
    above = kinds.above(own) & vocabulary.biomarkers.keys()
    wholes = (name for name in sorted(above) if name != own and vocabulary.biomarkers[name].any_of)
    taken = frozenset(kinds.below(other))
    return next(
        (
            name
            for name in wholes
            if above.isdisjoint(vocabulary.biomarkers[name].any_of) and not taken.isdisjoint(kinds.below(name))
        ),
        None,
    )


def _check_spellings(vocabulary: Vocabulary, problems: Gathering) -> None:
    therapies: dict[str, Form] = {**vocabulary.therapies, **vocabulary.agents}
    spelled: list[tuple[str, Mapping[str, Form], Names]] = [
        ("cancers", vocabulary.cancers, vocabulary.cancer_names),
        ("markers", vocabulary.biomarkers, vocabulary.marker_names),
        ("measurements", vocabulary.measurements, vocabulary.measurement_names),
        ("therapies", therapies, vocabulary.therapy_names),
    ]
    spelled += [(_TERM_LISTS[kind], vocabulary.terms[kind], names) for kind, names in vocabulary.term_names.items()]
    for kind, entries, names in spelled:
        for spelling, first, second in names.clashes:
            if entries is therapies and second in vocabulary.therapy_kinds.above(first):
                continue
            message = f"the spelling `{spelling}` means two {kind}, `{first}` and `{second}`"
            problems.add(entries[second].place, "TX007", message, f"first: {entries[first].place}")


def _check_circles(vocabulary: Vocabulary, problems: Gathering) -> None:
    hierarchies: list[tuple[str, Hierarchy, dict[str, Form]]] = [
        ("cancers", vocabulary.cancer_kinds, dict(vocabulary.cancers)),
        ("markers", vocabulary.marker_kinds, dict(vocabulary.biomarkers)),
        ("therapy classes", vocabulary.therapy_kinds, {**vocabulary.therapies, **vocabulary.agents}),
    ]
    hierarchies += [(kind, kinds, dict(vocabulary.terms[kind])) for kind, kinds in vocabulary.term_kinds.items()]
    ends = True
    for kind, hierarchy, entries in hierarchies:
        circle = hierarchy.circle()
        if circle:
            problems.add(entries[circle[0]].place, "TX008", f"{kind} in a circle: {' is a '.join(circle)}")
            ends = False
    if not ends:
        problems.raise_if_any()  # closures over a circle would not end
