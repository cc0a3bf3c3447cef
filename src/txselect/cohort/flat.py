"""Flat tables: one row for each patient, a column for each thing known (`docs/cohort.md` lists the columns).

A row is a nested profile, written otherwise: each *slot*, a column or a few that belong together, says a part of it.
The parts of a row, put together, are that profile. What the slots of a column say is read once for each distinct value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from txselect.errors import InputError, Place, Problem, did_you_mean
from txselect.model.profile import LIST_NAMES, PriorTherapy
from txselect.model.vocabulary import Biomarker, Vocabulary

Part = dict[str, Any]
Cells = tuple[Any, ...]
ID = "id"
_SCALARS = ("age", "sex", "ecog", "menopausal_status", "hormone_state")
_CANCER_SCALARS = ("grade", "stage", "extent", "volume", "timing", "metastases", "resectable", "months_since_diagnosis")
_DIAGNOSED, _MONTHS = "cancer.diagnosed", "cancer.months_since_diagnosis"
_LIST_PATHS = {f"cancer.{name}" if kind in ("site", "histology") else name: name for kind, name in LIST_NAMES.items()}
_REPORT_FIELDS = ("origin", "date", "assay", "specimen", "alteration", "superseded")
_MEASUREMENT_FIELDS = ("lower_limit", "upper_limit", "date")
_COURSE_FIELDS = tuple(name for name in PriorTherapy.model_fields if name != "place")
_WHOLE = {"age", "ecog", "cancer.grade", "cancer.metastases", "line"}
_NUMBERS = {_MONTHS, "months_since_end", "months_on_therapy", "lower_limit", "upper_limit"}
_FLAGS = {"cancer.resectable", "complete", "superseded"}
_WITHOUT_VALUE = ("not_tested", "test_failed", "equivocal")
_TRUE, _FALSE = ("true", "1", "yes", "t", "y"), ("false", "0", "no", "f", "n")
_SEPARATOR = re.compile(r"\s*;\s*")
_WITH_UNIT = re.compile(r"(?P<name>.*?)\s*\[(?P<unit>.*)\]")
_COURSE = re.compile(r"prior\.([1-9][0-9]?)\.(\w+)")


@dataclass(frozen=True, eq=False)
class Slot:
    """Columns that belong together, and the part of a profile that their values say; None where they say nothing.

    steps: for a column of measured numbers the measurement, and the factor to its unit.
    """

    columns: tuple[str, ...]
    part: Callable[[Cells], Part | None]
    steps: Mapping[str, tuple[str, float]]


@dataclass(frozen=True)
class FlatTable:
    """The slots of a table's columns.

    cancer, day: the columns of cancer type and day of the decision.
    courses: the columns of each prior therapy by field; complete: that which says whether all of them are listed.
    ignored: columns that say nothing of a patient, each with a hint where its name is close to one that does.
    """

    cancer: str
    day: str | None
    slots: tuple[Slot, ...]
    courses: tuple[Mapping[str, str], ...]
    complete: str | None
    ignored: Mapping[str, str]

    def profile(self, row: Mapping[str, Any]) -> Part:
        """The nested profile that a row is."""
        whole: Part = {}
        if (day := plain(row.get(self.day or ""))) is not None:
            whole["as_of"] = day
        _put(whole, {"cancer": {"type": plain(row.get(self.cancer))}})
        for slot in self.slots:
            _put(whole, slot.part(tuple(plain(row.get(column)) for column in slot.columns)) or {})
        complete = plain(row.get(self.complete or ""))
        given = (course_of({key: plain(row.get(column)) for key, column in one.items()}) for one in self.courses)
        courses = [course for course in given if course]
        if courses or complete is not None:
            whole["prior_therapies"] = {"items": courses, "complete": read("complete", complete)}
        return whole


def flat_table(columns: Sequence[str], vocabulary: Vocabulary, file: str) -> FlatTable:
    """The table with these columns. Raises InputError where it has no cancer type or a column cannot be meant."""
    return _Columns(columns, vocabulary, file).table()


def plain(value: Any) -> Any:
    """A value as a profile has it: days as text, empty texts as nothing."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value.strip() or None
    return value


def _put(whole: Part, part: Part) -> None:
    """What slots say of one list, together: items after items, and open where one of them leaves it open."""
    for key, value in part.items():
        known = whole.get(key)
        if isinstance(value, dict) and "items" in value and isinstance(known, dict):
            known["items"] = [*known["items"], *value["items"]]
            known["complete"] = _complete(known["complete"], value["complete"])
        elif isinstance(value, dict) and isinstance(known, dict):
            _put(known, value)
        elif isinstance(value, list) and isinstance(known, list):
            whole[key] = [*known, *value]
        else:
            whole[key] = value


def _complete(*said: Any) -> Any:
    """What several slots say of one list: what cannot be read, for validation to tell of, else open if one says so."""
    unread = (one for one in said if one is not None and not isinstance(one, bool))
    return next(unread, False if False in said else said[0])


class _Columns:
    def __init__(self, columns: Sequence[str], vocabulary: Vocabulary, file: str) -> None:
        self.columns = list(columns)
        self.left = dict.fromkeys(self.columns)
        self.vocabulary = vocabulary
        self.file = file
        self.problems: list[Problem] = []

    def table(self) -> FlatTable:
        self._take(ID)
        cancer, day = self._take("cancer.type"), self._take("as_of")
        slots = [*self._scalars(), *self._lists(), *self._reports(), *self._measurements()]
        complete = self._take("prior_therapies.complete") or None
        courses = tuple(self._courses())
        if not cancer:
            hint = "a flat table names each patient's cancer in the column `cancer.type`, a nested one in `cancer`"
            self.problems.append(Problem(Place(self.file), "TX040", "there is no column `cancer.type`", hint))
        if self.problems:
            raise InputError(self.problems)
        known = [*_SCALARS, *(f"cancer.{name}" for name in _CANCER_SCALARS), *_LIST_PATHS, "cancer.type", "as_of"]
        ignored = {column: did_you_mean(column, known) for column in self.left}
        return FlatTable(cancer, day or None, tuple(slots), courses, complete, ignored)

    def _take(self, *columns: str) -> str:
        """The last of the columns, if the table has it; each is then accounted for."""
        found = [column for column in columns if column in self.left]
        for column in found:
            del self.left[column]
        return found[-1] if found else ""

    def _scalars(self) -> Iterator[Slot]:
        paths = (*_SCALARS, *(f"cancer.{name}" for name in _CANCER_SCALARS))
        yield from (_slot((path,), partial(_scalar, path)) for path in paths if self._take(path))
        if self._take(_DIAGNOSED):
            yield _slot((_DIAGNOSED, _MONTHS if _MONTHS in self.columns else ""), _since_diagnosis)
        if self._take("other_findings"):
            yield _slot(("other_findings",), lambda cells: {"other_findings": _several(cells[0])})

    def _lists(self) -> Iterator[Slot]:
        for path in _LIST_PATHS:
            complete = self._take(f"{path}.complete")
            if self._take(path):
                yield _slot((path, complete), partial(_list, path))
            elif complete:
                yield _slot((complete,), partial(_empty_list, path))
            for column in self._left(f"{path}."):
                self._take(column)
                yield _slot((column, complete), partial(_term, path, column.removeprefix(f"{path}.")))

    def _reports(self) -> Iterator[Slot]:
        taken: dict[str, str] = {}
        for column in self._left("biomarker."):
            name, unit = _named(column.removeprefix("biomarker."))
            if name.rpartition(".")[2] in _REPORT_FIELDS:
                continue
            self._take(column)
            marker = self.vocabulary.biomarkers.get(self.vocabulary.marker_names.find(name) or "")
            other = taken.setdefault(marker.id if marker else name, column)
            if other != column:
                self._problem(column, f"`{column}` is the same marker as `{other}`", "join the two")
            more = tuple(field for field in _REPORT_FIELDS if self._take(f"biomarker.{name}.{field}"))
            columns = (column, *(f"biomarker.{name}.{field}" for field in more))
            yield _slot(columns, partial(_report, name, unit, marker, more))

    def _measurements(self) -> Iterator[Slot]:
        for column in self._left("measurement."):
            name, unit = _named(column.removeprefix("measurement."))
            if name.rpartition(".")[2] in _MEASUREMENT_FIELDS:
                continue
            self._take(column)
            if unit is None:
                hint = f"write it behind the name, as in `measurement.{name} [mg/dL]`"
                self._problem(column, f"the column `{column}` does not say its unit", hint)
                continue
            more = tuple(field for field in _MEASUREMENT_FIELDS if self._take(f"measurement.{name}.{field}"))
            sex = ("sex",) if "sex" in self.columns else ()
            columns = (column, *(f"measurement.{name}.{field}" for field in more), *sex)
            steps = {} if "lower_limit" in more or "upper_limit" in more else self._steps(column, name, unit)
            yield _slot(columns, partial(_measurement, name, unit, more), steps)

    def _steps(self, column: str, name: str, unit: str) -> dict[str, tuple[str, float]]:
        entry = self.vocabulary.measurements.get(self.vocabulary.measurement_names.find(name) or "")
        factor = None if entry is None else 1.0 if unit == entry.unit else entry.other_units.get(unit)
        return {} if entry is None or factor is None else {column: (entry.id, factor)}

    def _left(self, start: str) -> list[str]:
        """The columns not taken yet whose names start so."""
        return [column for column in self.left if column.startswith(start)]

    def _courses(self) -> Iterator[dict[str, str]]:
        numbered: dict[int, dict[str, str]] = {}
        for column in list(self.left):
            found = _COURSE.fullmatch(column)
            if found and found[2] in _COURSE_FIELDS:
                numbered.setdefault(int(found[1]), {})[found[2]] = self._take(column)
        return (numbered[number] for number in sorted(numbered))

    def _problem(self, column: str, text: str, hint: str) -> None:
        self.problems.append(Problem(Place(self.file, 1, self.columns.index(column) + 1), "TX040", text, hint))


def _slot(
    columns: tuple[str, ...], part: Callable[[Cells], Part], steps: Mapping[str, tuple[str, float]] | None = None
) -> Slot:
    """A slot that says nothing where its first column has no value."""
    return Slot(tuple(filter(None, columns)), lambda cells: None if cells[0] is None else part(cells), steps or {})


def _named(text: str) -> tuple[str, str | None]:
    found = _WITH_UNIT.fullmatch(text)
    return (found["name"], found["unit"]) if found else (text, None)


def _within(path: str, part: Any) -> Part:
    """The profile that has only this at a path such as `cancer.sites`."""
    inner, _, name = path.rpartition(".")
    return {inner: {name: part}} if inner else {name: part}


def _scalar(path: str, cells: Cells) -> Part:
    return _within(path, read(path, cells[0]))


def _since_diagnosis(cells: Cells) -> Part:
    """The day of diagnosis with the months since, which count where both are given."""
    months = cells[1] if len(cells) > 1 else None
    return {
        "cancer": {"diagnosed": cells[0]}
        | ({} if months is None else {"months_since_diagnosis": read(_MONTHS, months)})
    }


def _list(path: str, cells: Cells) -> Part:
    complete = read("complete", cells[1]) if len(cells) > 1 else None
    return _within(path, {"items": _several(cells[0]), "complete": complete})


def _empty_list(path: str, cells: Cells) -> Part:
    return _list(path, ([], *cells))


def _term(path: str, term: str, cells: Cells) -> Part:
    """A list with one term; columns of terms are no whole list unless another column says that they are."""
    state = read("complete", cells[0])
    stated = ("present" if state else "absent") if isinstance(state, bool) else state
    complete = (read("complete", cells[1]) if len(cells) > 1 else None) or False
    return _within(path, {"items": [{"name": term, "state": stated}], "complete": complete})


def _report(name: str, unit: str | None, marker: Biomarker | None, more: Sequence[str], cells: Cells) -> Part:
    """A value where the marker has one, else a state."""
    report: Part = {"marker": name}
    found = cells[0]
    if marker is not None and (marker.measured or marker.scale) and found not in _WITHOUT_VALUE:
        report["value"] = _number(found) if marker.measured else found if isinstance(found, str) else f"{found:g}"
        report |= {"unit": unit or marker.unit} if unit or marker.unit else {}
    else:
        report["state"] = ("positive" if found else "negative") if isinstance(found, bool) else found
    return {"biomarkers": [report | _more(more, cells)]}


def _measurement(name: str, unit: str, more: Sequence[str], cells: Cells) -> Part:
    """A measurement, with the sex where the table has it: limits of normal depend on it."""
    report = {"name": name, "value": _number(cells[0]), "unit": unit} | _more(more, cells)
    sex = cells[-1] if len(cells) > len(more) + 1 else None
    return {"measurements": [report]} | ({} if sex is None else {"sex": sex})


def _more(fields: Sequence[str], cells: Cells) -> Part:
    """What further cells say, as far as they say anything."""
    return {key: read(key, value) for key, value in zip(fields, cells[1:], strict=False) if value is not None}


def course_of(cells: Mapping[str, Any]) -> Part:
    """The prior therapy that its cells are; empty where none has a value."""
    return {
        key: _several(value) if key == "therapy" else read(key, value)
        for key, value in cells.items()
        if value is not None
    }


def _several(value: Any) -> list[Any]:
    """The items of a cell: a list, or a text in which `;` stands between them."""
    if isinstance(value, str):
        return [item for item in _SEPARATOR.split(value) if item]
    return [plain(item) for item in value]


def read(name: str, value: Any) -> Any:
    """A cell as the field wants it; what cannot be read so stays as it is, for the profile's validation to tell of."""
    if name in _FLAGS and not isinstance(value, bool) and value is not None:
        text = str(value).casefold()
        return True if text in _TRUE else False if text in _FALSE else value
    if name in _WHOLE:
        number = _number(value)
        return int(number) if isinstance(number, float) and number.is_integer() else number
    return _number(value) if name in _NUMBERS else value


def _number(value: Any) -> Any:
    if isinstance(value, str) and value.isascii() and "_" not in value:  # Python takes more for numbers
        try:
            return float(value)
        except ValueError:
            return value
    return value
