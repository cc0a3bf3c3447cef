"""What the design says (sections 2 and 4), written down a second time and as plainly as possible.

Nothing here is shared with `txselect.program`, `txselect.language.markers` or `txselect.decision`: it reads the profile
as it was written, looks words up in `laws.invented`, and computes with whole fractions where the program uses floats.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from laws.invented import AGENTS, CANCERS, MARKERS, MEASUREMENTS, TERMS, THERAPIES
from txselect.model.condition import (
    All,
    AnyOf,
    AtLeast,
    CancerIs,
    Comparison,
    Condition,
    FactHolds,
    FieldIs,
    FieldMeasures,
    Listed,
    MarkerIs,
    MarkerMeasures,
    Measures,
    Not,
    TherapyGiven,
)
from txselect.model.rules import Contraindicate, Derive, Recommend, Rule

Truth = bool | None
Profile = dict[str, Any]


# Strong Kleene logic: count the trues, count the falses, the rest is unknown.


def at_least(count: int, truths: Iterable[Truth]) -> Truth:
    parts = list(truths)
    if parts.count(True) >= count:
        return True
    return False if len(parts) - parts.count(False) < count else None


def some(truths: Iterable[Truth]) -> Truth:
    return at_least(1, truths)


def every(truths: Iterable[Truth]) -> Truth:
    parts = list(truths)
    return at_least(len(parts), parts)


def negated(truth: Truth) -> Truth:
    return None if truth is None else not truth


# Hierarchies: the way up from a name.


def above(name: str, parents: dict[str, list[str]]) -> set[str]:
    return {name}.union(*(above(parent, parents) for parent in parents.get(name, [])))


CANCER_PARENTS = {code: [parent] if parent else [] for code, parent in CANCERS.items()}
THERAPY_PARENTS = {name: [*t.get("is_a", []), *t.get("components", [])] for name, t in THERAPIES.items()} | AGENTS
MARKER_PARENTS = {
    name: [*entry.get("is_a", []), *(whole for whole, other in MARKERS.items() if name in other.get("any_of", []))]
    for name, entry in MARKERS.items()
}


# Numbers.


def exact(value: float) -> Fraction:
    return Fraction(str(value))


def compares(value: Fraction, asked: Comparison) -> bool:
    tests = (
        asked.at_least is None or value >= exact(asked.at_least),
        asked.at_most is None or value <= exact(asked.at_most),
        asked.above is None or value > exact(asked.above),
        asked.below is None or value < exact(asked.below),
        asked.equals is None or value == exact(asked.equals),
    )
    return all(tests)


def months_later(day: date, months: int) -> date:
    """The same day of the month, or the last day of a month that is too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for shorter in range(day.day, 27, -1):
        try:
            return date(year, month + 1, shorter)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def span_compares(start: date, end: date, asked: Comparison) -> bool:
    """Whether the time between two days compares, with bounds in whole months: six are reached on the day itself."""
    tests = (
        asked.at_least is None or months_later(start, int(asked.at_least)) <= end,
        asked.at_most is None or months_later(start, int(asked.at_most)) >= end,
        asked.above is None or months_later(start, int(asked.above)) < end,
        asked.below is None or months_later(start, int(asked.below)) > end,
        asked.equals is None or months_later(start, int(asked.equals)) == end,
    )
    return all(tests)


# Leaves.


def leaf_truth(leaf: Any, profile: Profile, as_of: date) -> Truth:
    match leaf:
        case CancerIs(codes):
            return some(cancer_is(profile["cancer"]["type"], code) for code in codes)
        case MarkerIs(marker, state, origin):
            found = marker_state(marker, origin, profile.get("biomarkers", []))
            return None if found is None else found is state
        case MarkerMeasures(marker, asked):
            value = marker_value(marker, profile.get("biomarkers", []))
            return None if value is None else compares(value, asked)
        case Measures(name, asked, relative_to):
            number = measured(name, relative_to, profile)
            return None if number is None else compares(number, asked)
        case TherapyGiven():
            return therapy_given(leaf, profile, as_of)
        case Listed(kind, names):
            return some(listed(kind, name, profile) for name in names)
        case FieldIs(field, values):
            return some(field_is(field, value, profile) for value in values)
        case FieldMeasures(field, asked):
            return number_compares(field, asked, profile, as_of)
    raise AssertionError(leaf)


def cancer_is(code: str, asked: str) -> Truth:
    if asked in above(code, CANCER_PARENTS):
        return True
    return None if code in above(asked, CANCER_PARENTS) else False


def settles(report: dict[str, Any]) -> bool:
    return report.get("state") not in ("equivocal", "not_tested", "test_failed") and not report.get("superseded")


EXCLUDED = {
    name: {
        other for other in MARKERS if other in entry.get("excludes", []) or name in MARKERS[other].get("excludes", [])
    }
    for name, entry in MARKERS.items()
}


def stated(reports: list[dict[str, Any]]) -> Iterator[tuple[str, str, str | None]]:
    """(marker, state, origin) of each report that says so, whose value implies it, or that names what excludes it."""
    for name, state, origin in outright(reports):
        yield name, state, origin
        for other in EXCLUDED[name] if state == "positive" else ():
            yield other, "negative", origin


def outright(reports: list[dict[str, Any]]) -> Iterator[tuple[str, str, str | None]]:
    for report in filter(settles, reports):
        marker = MARKERS[report["marker"]]
        if "state" in report:
            yield report["marker"], report["state"], report.get("origin")
        for rule in marker.get("implies", []) if "value" in report else ():
            bounds = {key: step(marker, rule[key]) for key in ("at_least", "at_most", "above", "below") if key in rule}
            if compares(exact(step(marker, report["value"])), Comparison(**bounds)):
                yield rule["marker"], rule["state"], report.get("origin")


def step(marker: dict[str, Any], value: Any) -> float:
    return float(marker["scale"].index(value)) if "scale" in marker else float(value)


def marker_state(marker: str, origin: str | None, reports: list[dict[str, Any]]) -> Truth:
    said = list(stated(reports))
    found = {(name, o) for name, state, o in said if state == "positive" and marker in above(name, MARKER_PARENTS)}
    if any(denied(marker, o, said) for _, o in found):
        return None
    # What is denied where it is said makes nothing wider positive.
    positives = {o for name, o in found if not denied(name, o, said)}
    if origin is None:
        return True if positives else False if marker in negatives(absent(said, None, "somatic")) else None
    return True if origin in positives else False if marker in negatives(absent(said, origin)) else None


def denied(marker: str, origin: str | None, said: list[tuple[str, str, str | None]]) -> bool:
    """Whether a marker that is positive with an origin is said to be negative where it would have to be positive.

    What is in the germline need not be somatic, but it must be in the germline and wherever nobody said where.
    """
    if origin != "germline":
        return marker in negatives(absent(said, None, "somatic"))
    return any(marker in negatives(absent(said, place)) for place in ("germline", None))


def absent(said: list[tuple[str, str, str | None]], *origins: str | None) -> set[str]:
    return {name for name, state, origin in said if state == "negative" and origin in origins}


def negatives(reported: set[str]) -> set[str]:
    """Negative goes down, and up where every part is negative, until nothing changes."""
    found = set(reported)
    while True:
        more = {name for name in MARKERS if not above(name, MARKER_PARENTS).isdisjoint(found)}
        more |= {name for name, entry in MARKERS.items() if entry.get("any_of") and set(entry["any_of"]) <= found}
        if more <= found:
            return found
        found |= more


def marker_value(marker: str, reports: list[dict[str, Any]]) -> Fraction | None:
    values = {
        step(MARKERS[marker], r["value"]) for r in filter(settles, reports) if r["marker"] == marker and "value" in r
    }
    return exact(values.pop()) if len(values) == 1 else None


def measured(name: str, relative_to: str | None, profile: Profile) -> Fraction | None:
    """The newest value; unknown where the newest day has two, or where one without a day differs from it."""
    reports = [report for report in profile.get("measurements", []) if report["name"] == name]
    newest = max((str(report.get("date", "")) for report in reports), default="")
    last = [report for report in reports if str(report.get("date", "")) in (newest, "")]
    said = {tuple(number_of(r, limit, profile) for limit in (None, "upper_limit", "lower_limit")) for r in last}
    return number_of(last[0], relative_to, profile) if len(said) == 1 else None


def number_of(report: dict[str, Any], relative_to: str | None, profile: Profile) -> Fraction | None:
    entry = MEASUREMENTS[report["name"]]
    factor = Fraction(1) if report["unit"] == entry["unit"] else exact(entry["other_units"][report["unit"]])
    value = exact(report["value"]) * factor
    if relative_to is None:
        return value
    usual = entry.get(relative_to)
    usual = usual.get(profile.get("sex")) if isinstance(usual, dict) else usual
    limit = exact(report[relative_to]) * factor if relative_to in report else None if usual is None else exact(usual)
    return value / limit if limit else None


def items_of(value: Any) -> tuple[list[Any], bool | None]:
    return (value["items"], value.get("complete")) if isinstance(value, dict) else (value, None)


def listed(kind: str, asked: str, profile: Profile) -> Truth:
    keys = {"site": "sites", "histology": "histology", "comorbidity": "comorbidities"}
    where = profile["cancer"] if kind in ("site", "histology") else profile
    key = keys.get(kind, f"{kind}s")
    if key not in where:
        return False if kind == "preference" else None
    items, says_complete = items_of(where[key])
    complete = kind not in ("finding", "histology") if says_complete is None else says_complete
    states: dict[str, set[str]] = {}
    for item in items:
        name, state = (item, "present") if isinstance(item, str) else (item["name"], item.get("state", "present"))
        if name not in TERMS[kind]:
            complete = False
            continue
        states.setdefault(name, set()).add(state)
    sure = {name: next(iter(said)) if len(said) == 1 else "unknown" for name, said in states.items()}
    present = any(state == "present" and asked in above(name, TERMS[kind]) for name, state in sure.items())
    absent = any(state == "absent" and name in above(asked, TERMS[kind]) for name, state in sure.items())
    if present or absent:
        return None if present and absent else present
    in_doubt = any(state == "unknown" and asked in above(name, TERMS[kind]) for name, state in sure.items())
    general = any(state != "absent" and name in above(asked, TERMS[kind]) for name, state in sure.items())
    return False if complete and not in_doubt and not general else None


def field_is(field: str, asked: str, profile: Profile) -> Truth:
    value = profile.get(field, profile["cancer"].get(field))
    if value is None:
        return None
    value = str(value).lower() if isinstance(value, bool) else value
    match field:
        case "extent":
            wider = {"oligometastatic": ["metastatic"], "polymetastatic": ["metastatic"]}
            return True if asked in above(value, wider) else None if value in above(asked, wider) else False
        case "stage":
            found, wanted = stage_parts(value), stage_parts(asked)
            shared = found[: len(wanted)] == wanted
            return True if shared else None if wanted[: len(found)] == found else False
        case _:
            return value == asked


def stage_parts(stage: str) -> tuple[str, ...]:
    """`IVA1` is stage IV, of it the A, of that the 1."""
    number = next(roman for roman in ("IV", "III", "II", "I") if stage.startswith(roman))
    return (number, *stage.removeprefix(number))


def number_compares(field: str, asked: Comparison, profile: Profile, as_of: date) -> Truth:
    if field == "prior_lines":
        return prior_lines(asked, profile, as_of)
    value = profile.get(field, profile["cancer"].get(field))
    if value is not None:
        return compares(exact(value), asked)
    if field == "months_since_diagnosis" and "diagnosed" in profile["cancer"]:
        diagnosed = date.fromisoformat(profile["cancer"]["diagnosed"])
        return span_compares(diagnosed, as_of, asked) if diagnosed <= as_of else None
    return None


def records(profile: Profile, as_of: date) -> tuple[list[dict[str, Any]], bool] | None:
    """The prior therapies that count, and whether they are all; None where nobody said anything."""
    if "prior_therapies" not in profile:
        return None
    items, complete = items_of(profile["prior_therapies"])
    past = [item for item in items if max(str(item.get("start", "")), str(item.get("end", ""))) <= str(as_of)]
    return [believed(item, as_of) for item in past], complete is not False and len(past) == len(items)


def believed(record: dict[str, Any], as_of: date) -> dict[str, Any]:
    """Without its outcome and its end where it is said to go on and to have ended."""
    over = record.get("months_since_end", 0) > 0 or record.get("end", str(as_of)) < str(as_of)
    unsure = ("outcome", "end", "months_since_end") if record.get("outcome") == "ongoing" and over else ()
    return {key: value for key, value in record.items() if key not in unsure}


def therapy_given(leaf: TherapyGiven, profile: Profile, as_of: date) -> Truth:
    found = records(profile, as_of)
    if found is None:
        return None
    met = some(record_meets(leaf, record, as_of) for record in found[0])
    return met if met or found[1] else None


def record_meets(leaf: TherapyGiven, record: dict[str, Any], as_of: date) -> Truth:
    return every(
        [
            some(is_given(one, names_of(record)) for one in leaf.classes) if leaf.classes else True,
            among(record.get("outcome"), leaf.outcomes),
            among(record.get("setting"), leaf.settings),
            among(record.get("hormone_state"), leaf.hormone_states),
            None if leaf.line and "line" not in record else not leaf.line or compares(exact(record["line"]), leaf.line),
            interval(leaf.months_since_end, "months_since_end", record, since_end(record, as_of)),
            interval(leaf.months_on_therapy, "months_on_therapy", record, on_therapy(record, as_of)),
        ]
    )


def names_of(record: dict[str, Any]) -> list[str]:
    return [record["therapy"]] if isinstance(record["therapy"], str) else record["therapy"]


def is_given(asked: str, names: list[str]) -> Truth:
    """A name is a kind of what is asked, or together they are all its components, or a name is too general to tell."""
    if any(asked in above(name, THERAPY_PARENTS) for name in names):
        return True
    entry = THERAPIES.get(asked, {})
    if entry.get("components"):
        wholes = set().union(*(above(parent, THERAPY_PARENTS) for parent in entry.get("is_a", [])))
        parts = set().union(*(above(part, THERAPY_PARENTS) for part in entry["components"]))
        together = every(is_given(part, names) for part in entry["components"])
        return some([together, None if not (wholes - parts).isdisjoint(names) else False])
    return None if not above(asked, THERAPY_PARENTS).isdisjoint(names) else False


def among(value: str | None, asked: tuple[str, ...]) -> Truth:
    return True if not asked else None if value is None else value in asked


def since_end(record: dict[str, Any], as_of: date) -> tuple[date, date] | None:
    if record.get("outcome") == "ongoing":
        return as_of, as_of
    return (date.fromisoformat(record["end"]), as_of) if "end" in record else None


def on_therapy(record: dict[str, Any], as_of: date) -> tuple[date, date] | None:
    last = record.get("end") or (str(as_of) if record.get("outcome") == "ongoing" else None)
    return (date.fromisoformat(record["start"]), date.fromisoformat(last)) if "start" in record and last else None


def interval(asked: Comparison | None, key: str, record: dict[str, Any], days: tuple[date, date] | None) -> Truth:
    if asked is None:
        return True
    if key in record:
        return compares(exact(record[key]), asked)
    return span_compares(*days, asked) if days else None


LOCAL = {name for name in THERAPY_PARENTS if "beam" in above(name, THERAPY_PARENTS)}


def prior_lines(asked: Comparison, profile: Profile, as_of: date) -> Truth:
    """Over every way in which the settings that nobody stated may turn out."""
    found = records(profile, as_of)
    if found is None:
        return None
    systemic = [record for record in found[0] if not LOCAL.issuperset(names_of(record))]
    counted = [r for r in systemic if r.get("setting") == "metastatic"]
    perhaps = [r for r in systemic if "setting" not in r]
    fewest, most = lines(counted), lines(counted + perhaps)
    counts = list(range(fewest, (most if found[1] else 1000) + 1))
    truths = {compares(Fraction(count), asked) for count in counts}
    return truths.pop() if len(truths) == 1 else None


def lines(counted: list[dict[str, Any]]) -> int:
    numbered = {record["line"] for record in counted if "line" in record}
    return max(max(numbered, default=0), len(numbered) + sum("line" not in record for record in counted))


# Rules.


class World:
    """The truth of everything for one profile on one day."""

    def __init__(self, rules: Iterable[Rule], profile: Profile, as_of: date, jurisdiction: str | None = None) -> None:
        self.profile, self.as_of = profile, as_of
        self.rules = [rule for rule in rules if in_force(rule, as_of, jurisdiction)]

    def truth(self, condition: Condition) -> Truth:
        match condition:
            case All(parts):
                return every(map(self.truth, parts))
            case AnyOf(parts):
                return some(map(self.truth, parts))
            case AtLeast(count, parts):
                return at_least(count, map(self.truth, parts))
            case Not(part):
                return negated(self.truth(part))
            case FactHolds(fact):
                return self.fact(fact)
            case _:
                return leaf_truth(condition, self.profile, self.as_of)

    def fact(self, fact: str) -> Truth:
        return some(self.holds(rule) for rule in self.rules if rule.head == Derive(fact))

    def holds(self, rule: Rule) -> Truth:
        """The scope, the conditions, and none of `unless`."""
        scope = self.truth(CancerIs(rule.applies_to)) if rule.applies_to else True
        return every([scope, self.truth(rule.when), *(negated(self.truth(part)) for part in rule.unless)])

    def in_scope(self, rule: Rule) -> bool:
        return not rule.applies_to or self.truth(CancerIs(rule.applies_to)) is not False

    def recommending(self, therapy: str) -> list[Rule]:
        return [rule for rule in self.rules if isinstance(rule.head, Recommend) and rule.head.therapy == therapy]

    def status(self, therapy: str) -> str | None:
        """The status of an option, or None where no rule in scope speaks of it."""
        rules = [rule for rule in self.recommending(therapy) if self.in_scope(rule)]
        if not rules:
            return None
        indicated = some(map(self.holds, rules))
        against = some([self.failed_before(therapy), *self.barred(therapy), self.no_agent_left(therapy, rules)])
        return {
            (True, False): "recommended",
            (True, None): "recommended_pending",
            (None, False): "possible",
            (None, None): "possible",
            (True, True): "excluded",
            (None, True): "excluded",
        }.get((indicated, against), "not_indicated")

    def barred(self, name: str) -> Iterator[Truth]:
        """The absolute contraindications of a class or agent or of something it is a kind of."""
        for rule in self.rules:
            match rule.head:
                case Contraindicate(therapies, "absolute") if not above(name, THERAPY_PARENTS).isdisjoint(therapies):
                    yield self.holds(rule)

    def failed_before(self, therapy: str) -> Truth:
        """Progression on what counts as failure of the class, which a rule with `rechallenge` lifts where it holds."""
        classes = failed_by(therapy)
        if not classes:
            return False
        progressed = self.truth(TherapyGiven(classes=tuple(classes), outcomes=("progression",)))
        lifted = [
            self.holds(r) for r in self.recommending(therapy) if isinstance(r.head, Recommend) and r.head.rechallenge
        ]
        return every([progressed, negated(some(lifted))])

    def no_agent_left(self, therapy: str, rules: list[Rule]) -> Truth:
        """Every regimen either has a contraindicated agent or is one that no rule that holds names."""
        naming: dict[tuple[str, ...], list[Rule]] = {}
        every_agent = tuple((agent,) for agent in AGENTS if therapy in above(agent, THERAPY_PARENTS))
        for rule in rules:
            assert isinstance(rule.head, Recommend)
            for regimen in rule.head.regimens or every_agent:
                naming.setdefault(regimen, []).append(rule)
        return every(
            some([negated(some(map(self.holds, named_by))), *(bar for agent in agents for bar in self.barred(agent))])
            for agents, named_by in naming.items()
        )


def in_force(rule: Rule, day: date, jurisdiction: str | None) -> bool:
    begun = rule.valid_from is None or rule.valid_from <= day
    ended = rule.valid_until is not None and day >= rule.valid_until
    here = jurisdiction is None or not rule.jurisdiction or jurisdiction in rule.jurisdiction
    return begun and not ended and here


def failed_by(therapy: str) -> list[str]:
    entry = THERAPIES[therapy]
    if "failed_by" in entry:
        return list(entry["failed_by"])
    return [name for part in entry["components"] for name in failed_by(part)] if "components" in entry else [therapy]
