"""From nested profiles, as `txselect recommend` takes them, to the entries that they consist of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import orjson

from txselect.cohort.courses import Courses
from txselect.cohort.entries import UNREADABLE, Entries
from txselect.cohort.steps import MOST_MONTHS, Limits
from txselect.language.patient import months_between
from txselect.model.forms import day_of
from txselect.model.patient import TherapyRecord
from txselect.model.profile import LIST_NAMES, CancerReport, Profile
from txselect.model.rules import RulePack

_LISTS = frozenset(LIST_NAMES.values())
_PROFILE_FIELDS = frozenset(Profile.model_fields) - {"place"}
_CANCER_FIELDS = frozenset(CancerReport.model_fields) - {"place"}


@dataclass(slots=True)
class Read:
    """One profile: its cancer code and the day of its decision, the numbers of its entries and its prior therapies.

    courses: the numbers of the parts of each.
    listed: whether there is a list of them; is_open: whether it may lack some.
    """

    cancer: str
    day: date
    entries: list[int] = field(default_factory=list)
    courses: list[tuple[int, ...]] = field(default_factory=list)
    listed: bool = False
    is_open: bool = False


class NestedProfiles:
    """Reads nested profiles entry by entry."""

    def __init__(self, pack: RulePack, entries: Entries, courses: Courses, day: date | None) -> None:
        self.pack = pack
        self.entries = entries
        self.courses = courses
        self.asked_day = day
        self.limits = Limits(pack)
        self.any_therapy = next(iter(pack.vocabulary.therapies))
        self._days: dict[object, date | None] = {None: None}
        self._cancers: dict[object, str] = {}
        self._measurement_names: dict[object, str] = {}
        self._reported: dict[bytes, tuple[int, tuple[str, float] | None]] = {}
        self._courses: dict[object, tuple[int, TherapyRecord | None]] = {}

    def read(self, profile: Any) -> Read | None:
        """The entries of a profile, or None where something in it cannot be read."""
        try:
            found = self._read(profile)
        except (TypeError, AttributeError, ValueError, KeyError):
            return None  # whatever is wrong is told when the profile is read as a whole
        return None if UNREADABLE in found.entries else found

    def kind(self, cancer: Any, day: Any) -> tuple[str, date] | None:
        """The cancer code and the day of the decision of a profile that gives these; None if they cannot be read."""
        try:
            stated = self._day(day)
            return self._cancer(cancer), self.asked_day or stated or self.pack.date
        except (TypeError, ValueError):
            return None

    def part(self, part: Mapping[str, Any], day: date) -> int:
        """The number of the entry that a part of a profile is, in which there are no prior therapies."""
        found = Read("", day)
        try:
            self._gather(found, part, part.get("cancer", {}))
        except (TypeError, AttributeError, ValueError, KeyError):
            return UNREADABLE
        return self.entries.together(tuple(found.entries))

    def course(self, course: dict[str, Any], day: date) -> tuple[int, tuple[int, ...] | None]:
        """The number of the entry that a prior therapy is, and those of its parts; None where it is set aside."""
        try:
            number, record = self._course(course, day)
        except (TypeError, AttributeError, ValueError, KeyError):
            return UNREADABLE, None
        return number, None if record is None else self.courses.course(record)

    @staticmethod
    def dated(part: Mapping[str, Any]) -> bool:
        """Whether what a part says depends on the day of the decision."""
        reports = (*part.get("biomarkers", ()), *part.get("measurements", ()))
        return any(report.get("date") for report in reports) or "diagnosed" in part.get("cancer", {})

    def _read(self, profile: Mapping[str, Any]) -> Read:
        cancer = profile["cancer"]
        stated = self._day(profile.get("as_of"))
        day = self.asked_day or stated or self.pack.date
        found = Read(self._cancer(cancer["type"]), day)
        self._gather(found, profile, cancer)
        return found

    def _gather(self, found: Read, profile: Mapping[str, Any], cancer: Mapping[str, Any]) -> None:
        if not (_PROFILE_FIELDS.issuperset(profile) and _CANCER_FIELDS.issuperset(cancer)):
            raise KeyError
        for name, value in profile.items():
            if value is not None and name not in ("cancer", "as_of"):
                found.entries += self._field(found, name, value, profile.get("sex"))
        for name, value in cancer.items():
            if value is not None and name != "type":
                found.entries += self._cancer_field(name, value, cancer, found.day)

    def _field(self, found: Read, name: str, value: Any, sex: Any) -> Iterable[int]:
        if name in _LISTS:
            return self._list(name, value, found.day, _as_is)
        match name:
            case "biomarkers":
                return self._reports(value, found.day)
            case "measurements":
                return self._measurements(value, sex, found.day)
            case "prior_therapies":
                return self._therapies(found, value)
            case _:
                return (self._one(name, value, found.day, _as_is),)

    def _cancer_field(self, name: str, value: Any, cancer: Mapping[str, Any], day: date) -> Iterable[int]:
        if name in _LISTS:
            return self._list(name, value, day, _in_cancer)
        if name != "diagnosed":
            return (self._one(name, value, day, _in_cancer),)
        diagnosed = self._day(value)
        if cancer.get("months_since_diagnosis") is not None or diagnosed is None:
            return ()  # the months say it
        since = months_between(diagnosed, day)
        if 0 <= since <= MOST_MONTHS:
            return (self._one("months_since_diagnosis", self.limits.diagnosis.standing_for(since), day, _in_cancer),)
        return (self.entries.number(("diagnosed", value, day), {"cancer": {"diagnosed": value}}, day),)

    def _one(self, name: str, value: Any, day: date, within: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
        key = (name, value.__class__, value if value.__hash__ else orjson.dumps(value))
        found = self.entries.find(key)
        return self.entries.number(key, within({name: value}), day) if found is None else found

    def _cancer(self, name: Any) -> str:
        found = self._cancers.get(name)
        if found is None:
            found = self._cancers[name] = self.pack.vocabulary.cancer_names.find(name) or ""
        if not found:
            raise ValueError
        return found

    def _day(self, text: Any) -> date | None:
        """A day as written; what is none is no part of an entry and told with the whole profile."""
        if text not in self._days:
            self._days[text] = text if isinstance(text, date) else day_of(text)
        return self._days[text]

    def _list(
        self, name: str, value: Any, day: date, within: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> Iterator[int]:
        items, complete = _listed(value)
        key = (name, "complete", complete.__class__, complete)
        yield self.entries.number(key, within({name: {"items": [], "complete": complete}}), day)
        for item in items:
            term = (name, item if isinstance(item, str) else orjson.dumps(item))
            found = self.entries.find(term)
            if found is None:
                found = self.entries.number(term, within({name: {"items": [item], "complete": True}}), day)
            yield found

    def _reports(self, reports: list[Any], day: date) -> Iterator[int]:
        values: dict[str, float] = {}
        for given in reports:
            number, measured = self._reported.get(raw := orjson.dumps(given)) or self._report(raw, given, day)
            yield number
            if measured is not None and values.setdefault(measured[0], measured[1]) != measured[1]:
                yield self.entries.values_differ(measured[0])

    def _report(self, raw: bytes, given: dict[str, Any], day: date) -> tuple[int, tuple[str, float] | None]:
        """A report whose day has come says the same whatever its day; one that is to come is told of."""
        changed = self._without_past_day(given, day)
        key = ("report", orjson.dumps(changed), day if "date" in changed else None)
        number = self.entries.number(key, {"biomarkers": [changed]}, day)
        found = number, self.entries.known[number].measured
        if "date" not in given:
            self._reported[raw] = found
        return found

    def _without_past_day(self, report: dict[str, Any], day: date) -> dict[str, Any]:
        if "date" not in report:
            return report
        found = self._day(report["date"])
        if found is None or found > day:
            return report
        return {key: value for key, value in report.items() if key != "date"}

    def _measurements(self, given: list[Any], sex: Any, day: date) -> Iterator[int]:
        by_name: dict[str, list[Any]] = {}
        for one in given:
            by_name.setdefault(self._measured(one["name"]), []).append(one)
        for name, reports in by_name.items():
            if len(reports) == 1:
                reports = [self._standing_for(name, reports[0], day)]  # noqa: PLW2901
            key = ("measurement", sex.__class__, sex, orjson.dumps(reports), day if "date" in reports[0] else None)
            part: dict[str, Any] = {"measurements": reports}
            if sex is not None:
                part["sex"] = sex
            yield self.entries.number(key, part, day)

    def _measured(self, name: Any) -> str:
        """The measurement of that name, or an empty text."""
        found = self._measurement_names.get(name)
        if found is None:
            found = self._measurement_names[name] = self.pack.vocabulary.measurement_names.find(name) or ""
        return found

    def _standing_for(self, name: str, report: dict[str, Any], day: date) -> dict[str, Any]:
        """A report that says the same: a number between the same limits, and no day if it lies in the past."""
        entry, value = self.pack.vocabulary.measurements.get(name), report.get("value")
        report = self._without_past_day(report, day)
        if entry is None or value.__class__ not in (int, float):
            return report
        has_limits = report.get("lower_limit") is not None or report.get("upper_limit") is not None
        factor = 1.0 if report.get("unit") == entry.unit else entry.other_units.get(report.get("unit") or "")
        if has_limits or factor is None:
            return report
        return {**report, "value": self.limits.measurements[name].standing_for(float(value or 0), factor)}

    def _therapies(self, found: Read, value: Any) -> Iterator[int]:
        items, complete = _listed(value)
        found.listed = True
        found.is_open = complete is False
        yield self.listed(complete)
        for item in items:
            number, course = self.course(item, found.day)
            yield number
            if course is None:
                found.is_open = True
            else:
                found.courses.append(course)

    def listed(self, complete: Any) -> int:
        """The number of the entry that says that there is a list of prior therapies, and whether it is complete."""
        key = ("prior_therapies", complete.__class__, complete)
        return self.entries.number(key, {"prior_therapies": {"items": [], "complete": complete}}, self.pack.date)

    def _course(self, item: dict[str, Any], day: date) -> tuple[int, TherapyRecord | None]:
        changed = self._in_months(item, day)
        dated = "start" in changed or "end" in changed
        key = ("course", orjson.dumps(changed), day if dated else None)
        known = self._courses.get(key)
        if known is None:
            contradictory = changed.get("outcome") == "ongoing" and changed.get("months_since_end")
            record = None if dated or contradictory else self._record(changed)
            if record is None:
                number = self.entries.number(key, {"prior_therapies": [changed]}, day)
                known = number, next(iter(self.entries.known[number].therapies), None)
            else:
                known = self.listed(None), record
            self._courses[key] = known
        return known

    def _record(self, course: dict[str, Any]) -> TherapyRecord | None:
        """The prior therapy put together from what each of its fields says alone; None where one cannot be read."""
        names = self._alone(therapy=course["therapy"])
        if names is None:
            return None
        said: dict[str, Any] = {}
        for key, value in course.items():
            if key != "therapy" and value is not None:
                alone = self._alone(therapy=[names.names[0]], **{key: value})
                if alone is None:
                    return None
                said[key] = getattr(alone, key)
        if said.get("outcome") == "ongoing":
            said.setdefault("months_since_end", 0.0)
        return replace(names, **said)

    def _alone(self, **course: Any) -> TherapyRecord | None:
        number = self.entries.number(("alone", orjson.dumps(course)), {"prior_therapies": [course]}, self.pack.date)
        return next(iter(self.entries.known[number].therapies), None)

    def _in_months(self, item: dict[str, Any], day: date) -> dict[str, Any]:
        """The same prior therapy with days turned into months, and months into those that stand for them.

        What is in conflict or to come stays as it is, for the reading of single profiles to judge.
        """
        start, end = self._day(item.get("start")), self._day(item.get("end"))
        ongoing = item.get("outcome") == "ongoing"
        ended = ongoing and (end or item.get("months_since_end"))
        if ended or (start and start > day) or (end and end > day) or (start and end and end < start):
            return item
        changed = {key: value for key, value in item.items() if key not in ("start", "end")}
        if end and changed.get("months_since_end") is None:
            changed["months_since_end"] = months_between(end, day)
        last = day if ongoing else end
        if start and last and changed.get("months_on_therapy") is None:
            changed["months_on_therapy"] = months_between(start, last)
        for key in ("months_since_end", "months_on_therapy"):
            if changed.get(key).__class__ in (int, float):
                changed[key] = self.limits.months.standing_for(float(changed[key]))
        return changed


def _listed(value: Any) -> tuple[list[Any], Any]:
    """The items of a list, and what it says of its completeness."""
    if isinstance(value, list):
        return value, None
    if not {"items", "complete"}.issuperset(value):
        raise KeyError
    return value["items"], value.get("complete")


def _as_is(part: dict[str, Any]) -> dict[str, Any]:
    return part


def _in_cancer(part: dict[str, Any]) -> dict[str, Any]:
    return {"cancer": part}
