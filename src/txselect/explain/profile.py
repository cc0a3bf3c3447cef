"""A profile for readers: everything that it says, with the labels of the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from txselect.decision.wording import counted, spaced
from txselect.explain.document import Block, Entry, Facts, Items, Paragraph, Section, Table
from txselect.explain.text import capitalised
from txselect.model.forms import Form
from txselect.model.profile import LIST_NAMES, Profile, TermList, TherapyList
from txselect.model.vocabulary import Names, Vocabulary, plain

_TITLES = {
    "as_of": "described as of",
    "ecog": "ECOG performance status",
    "type": "cancer",
    "metastases": "number of metastases",
    "months_since_end": "months since its end",
    "name": "measurement",
    "value": "result",
    "state": "result",
    "lower_limit": "lower limit of normal",
    "upper_limit": "upper limit of normal",
}
_AS_WRITTEN = ("stage", "alteration", "value", "unit", "assay", "specimen")


def profile_blocks(profile: Profile, vocabulary: Vocabulary) -> tuple[Block, ...]:
    """Everything the profile says: it goes through the fields of the forms, so that none can be forgotten here."""
    reader = _Reader(vocabulary)
    stated = _stated(profile)
    listed = {name: value for name, value in stated.items() if isinstance(value, (tuple, TherapyList))}
    facts = Facts(tuple(reader.pairs({name: stated[name] for name in stated if name not in listed})))
    return (facts, *(Section(capitalised(spaced(n)), tuple(reader.listed(value))) for n, value in listed.items()))


def _stated(form: Form) -> dict[str, Any]:
    """The fields of a form that say something."""
    fields = type(form).model_fields.items()
    stated = {name: getattr(form, name) for name, field in fields if name != "place"}
    defaults = {name: field.default for name, field in fields}
    return {name: value for name, value in stated.items() if value is not None and value != defaults[name]}


class _Reader:
    def __init__(self, vocabulary: Vocabulary) -> None:
        therapies: Mapping[str, Any] = {**vocabulary.therapies, **vocabulary.agents}
        self._labels: dict[str, Callable[[str], str]] = {
            "type": _labelling(vocabulary.cancer_names, vocabulary.cancers),
            "marker": _labelling(vocabulary.marker_names, vocabulary.biomarkers),
            "name": _labelling(vocabulary.measurement_names, vocabulary.measurements),
            "therapy": _labelling(vocabulary.therapy_names, therapies),
        }
        for kind, name in LIST_NAMES.items():
            self._labels[name] = _labelling(vocabulary.term_names[kind], vocabulary.terms[kind])

    def pairs(self, stated: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Entry, ...]]]:
        """Each field with what it says; those of the cancer stand among those of the patient."""
        for name, value in stated.items():
            match value:
                case TermList():
                    yield spaced(name), tuple(map(Entry, self._terms(name, value)))
                case Form():
                    yield from self.pairs(_stated(value))
                case _:
                    yield _title(name), (Entry(self._text(name, value)),)

    def _terms(self, name: str, terms: TermList) -> Iterator[str]:
        for item in terms.items:
            label = self._labels[name](item.name)
            yield label if item.state == "present" else f"{label}: {item.state}"
        if not terms.items:
            yield "none listed"
        yield from _completeness(terms)

    def listed(self, value: tuple[Any, ...] | TherapyList) -> Iterator[Block]:
        """A table of therapies, biomarkers or measurements, or a list of texts."""
        items = value.items if isinstance(value, TherapyList) else value
        if items and isinstance(items[0], str):
            yield Items(tuple(map(Entry, items)))
        elif items:
            yield self._table(items)
        else:
            yield Paragraph("none listed")
        if isinstance(value, TherapyList):
            yield from map(Paragraph, _completeness(value))

    def _table(self, items: Sequence[Form]) -> Table:
        """Of the form's fields those that any item states."""
        rows = [self._cells(item) for item in items]
        titles = dict.fromkeys(map(_title, type(items[0]).model_fields))
        head = tuple(title for title in titles if any(title in row for row in rows))
        return Table(head, tuple(tuple(row.get(title, "") for title in head) for row in rows))

    def _cells(self, form: Form) -> dict[str, str]:
        stated = _stated(form)
        unit = stated.pop("unit", "")
        cells = {_title(name): self._text(name, value) for name, value in stated.items()}
        return cells | ({"result": f"{cells['result']} {unit}"} if unit else {})

    def _text(self, name: str, value: Any) -> str:
        match value:
            case bool():
                return "yes" if value else "no"
            case int() if name == "age":
                return counted(value, "year")
            case int() | float():
                return f"{value:.15g}"
            case tuple():
                return " + ".join(self._text(name, part) for part in value)
            case str() if name in self._labels:
                return self._labels[name](value)
            case str() if name not in _AS_WRITTEN:
                return spaced(value)
            case _:
                return str(value)


def _title(name: str) -> str:
    return _TITLES.get(name, spaced(name))


def _completeness(listing: TermList | TherapyList) -> Iterator[str]:
    if listing.complete is not None:
        yield "(the list is complete)" if listing.complete else "(the list may not be complete)"


def _labelling(names: Names, entries: Mapping[str, Any]) -> Callable[[str], str]:
    """From a spelling to the label, beside which a name spelled in another way than id and label stays visible."""

    def label(spelling: str) -> str:
        found = names.find(spelling)
        if found is None:
            return f"{spelling} (not recognised)"
        known = entries[found].label
        return known if plain(spelling) in (plain(known), plain(found)) else f"{known} (written: {spelling})"

    return label
