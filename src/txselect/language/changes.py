"""Changes of a profile, as `--set` states them: applied together to what the profile says, nothing lost in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from txselect.errors import InputError, Place, Problem, did_you_mean
from txselect.language.changed_lists import ChangedMeasurements, ChangedTerms
from txselect.language.changed_markers import ChangedMarkers
from txselect.language.changed_therapies import ChangedTherapies
from txselect.language.document import PLACE, parse
from txselect.language.draft import Draft, place_of_change
from txselect.language.patient import patient_of
from txselect.language.statements import field_label, value_text
from txselect.language.validation import validated
from txselect.model.change import UNKNOWN, Change, Edit
from txselect.model.profile import LIST_NAMES, CancerReport, Profile
from txselect.model.vocabulary import Names, Vocabulary

FIELDS = ("as_of", "age", "sex", "ecog", "menopausal_status", "hormone_state")
CANCER_FIELDS = (
    "type", "grade", "stage", "extent", "volume", "timing", "metastases", "resectable", "diagnosed",
    "months_since_diagnosis",
)  # fmt: skip
_INSTEAD = {"diagnosed": "months_since_diagnosis", "months_since_diagnosis": "diagnosed"}
"""Two ways to say one thing, of which a profile that says it both ways is read by one."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A profile after changes.

    edits: what each change did to what it is about.
    set_aside: what the profile said besides and no longer says, because a change leaves no room for it.
    """

    profile: Profile
    set_aside: tuple[str, ...]
    edits: tuple[Edit, ...]


def change_of(text: str) -> Change:
    """The change in a text `path=value`, the value in YAML. Raises InputError.

    >>> change_of("biomarkers.BRCA2={state: positive, origin: germline}").value
    {'state': 'positive', 'origin': 'germline'}
    """
    path, equals, value = text.partition("=")
    if not equals:
        hint = "write path=value, such as ecog=3"
        raise InputError([Problem(Place("--set"), "TX005", f"`{text}` is no change", hint)])
    path = path.strip()
    return Change(path, _plain(parse(value, f"--set {path}")) if value.strip() else None)


def _plain(value: Any) -> Any:
    """A value without the places that it was read from."""
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items() if key != PLACE}
        case list():
            return [_plain(item) for item in value]
        case _:
            return value


def changed(profile: Profile, changes: Iterable[Change], vocabulary: Vocabulary) -> Changed:
    """The profile after all changes, applied together: their order does not matter.

    Raises InputError with every problem of the changes and of the profile that they make.
    """
    return _Changing(profile, vocabulary).changed(sorted(changes, key=str))


class _Changing:
    def __init__(self, profile: Profile, vocabulary: Vocabulary) -> None:
        self.draft = Draft(profile, vocabulary)
        self.markers = ChangedMarkers(self.draft)
        self.measurements = ChangedMeasurements(self.draft)
        self.therapies = ChangedTherapies(self.draft)
        self.terms = {name: ChangedTerms(self.draft, kind) for kind, name in LIST_NAMES.items()}

    def changed(self, changes: Iterable[Change]) -> Changed:
        draft = self.draft
        for change in changes:
            with draft.problems.keeping():
                self._change(change)
        with draft.problems.keeping():
            self._settle()
            profile = draft.result()
            patient_of(profile, draft.vocabulary, draft.day)
        draft.problems.raise_if_any()
        return Changed(profile, tuple(draft.set_aside), tuple(draft.edits))

    def _settle(self) -> None:
        self.markers.settle()
        self.measurements.settle()
        self.therapies.settle()
        for terms in self.terms.values():
            terms.settle()

    def _change(self, change: Change) -> None:
        if change.value is None:
            hint = f"`{change.path}={UNKNOWN}` takes back what the profile says"
            raise InputError([Problem(place_of_change(change), "TX005", "no value is given", hint)])
        head, _, name = change.path.partition(".")
        match head:
            case "biomarkers" if name:
                self.markers.change(change, name)
            case "measurements" if name:
                self.measurements.change(change, name)
            case "prior_therapies":
                self.therapies.change(change, name)
            case _ if head in self.terms:
                self.terms[head].change(change, name)
            case "cancer" if name in CANCER_FIELDS:
                self._cancer_field(change, name)
            case _ if change.path in FIELDS:
                self._field(change)
            case _:
                raise InputError([self._unknown(change)])

    def _field(self, change: Change) -> None:
        draft, key, place = self.draft, change.path, place_of_change(change)
        draft.about(change, key)
        if change.value != UNKNOWN:
            probe = {"cancer": draft.profile.cancer, key: change.value, PLACE: place}
            draft.values[key] = getattr(validated(Profile, probe, place), key)
        else:
            draft.values[key] = None
        before, after = getattr(draft.profile, key), draft.values[key]
        draft.edited(change, field_label(key), value_text(before), value_text(after))

    def _cancer_field(self, change: Change, key: str) -> None:
        draft, place, cancer = self.draft, place_of_change(change), self.draft.profile.cancer
        draft.about(change, "cancer", min(key, _INSTEAD.get(key, key)))
        probe = {"type": cancer.type, key: None if change.value == UNKNOWN else change.value, PLACE: place}
        report = validated(CancerReport, probe, place)
        patient_of(Profile(cancer=report), draft.vocabulary, draft.day)
        before, after = getattr(cancer, key), getattr(report, key)
        draft.cancer_values[key] = after
        before_text, after_text = (self._cancer_value(key, value) for value in (before, after))
        draft.edited(change, field_label(key), before_text, after_text)
        other = _INSTEAD.get(key)
        if other and after is not None and (old := getattr(cancer, other)) is not None:
            draft.cancer_values[other] = None
            draft.set_aside.append(f"{field_label(other)} {value_text(old)}, which says it in another way")

    def _cancer_value(self, key: str, value: Any) -> str:
        vocabulary = self.draft.vocabulary
        code = vocabulary.cancer_names.find(value) if key == "type" else None
        return vocabulary.cancers[code].label if code else value_text(value)

    def _unknown(self, change: Change) -> Problem:
        """A path that means nothing, with those that may have been meant."""
        place, path = place_of_change(change), change.path
        if path.partition(".")[0] in ("biomarkers", "measurements"):
            return Problem(place, "TX005", f"`{path}` needs a name", f"write {path.rstrip('.')}.NAME=...")
        known = [*FIELDS, *(f"cancer.{key}" for key in CANCER_FIELDS)]
        lists = [*self.terms, "biomarkers", "measurements", "prior_therapies"]
        meant = [f"cancer.{path}"] if path in CANCER_FIELDS else list(self._paths_of(path.rpartition(".")[2]))
        hint = f"did you mean `{meant[0]}`?" if meant else did_you_mean(path, [*known, *lists])
        hint = hint or f"known: {', '.join(known)}, and NAME in {', '.join(f'{name}.NAME' for name in lists)}"
        return Problem(place, "TX003", f"unknown path `{path}`", hint)

    def _paths_of(self, name: str) -> Iterator[str]:
        """The paths under which the vocabulary knows a name."""
        vocabulary = self.draft.vocabulary
        names: dict[str, Names] = {
            "biomarkers": vocabulary.marker_names,
            "measurements": vocabulary.measurement_names,
            "prior_therapies": vocabulary.therapy_names,
            **{LIST_NAMES[kind]: names for kind, names in vocabulary.term_names.items()},
        }
        for head, known in names.items():
            if known.find(name):
                yield f"{head}.{name}"
