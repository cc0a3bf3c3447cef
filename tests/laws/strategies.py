"""Random conditions, rules and profiles over the invented vocabulary.

Leaves are drawn from lists, not built: one draw each keeps a pack cheap to make and easy to shrink.
"""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import chain, pairwise
from typing import Any

from hypothesis import strategies as st

from laws.invented import AGENTS, CANCERS, LAYERS, MARKERS, TERMS, THERAPIES, empty_pack
from laws.reference import months_later
from txselect.language.generated import generated_rules
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
from txselect.model.rules import (
    Caution,
    Conflict,
    Contraindicate,
    Derive,
    Head,
    Intend,
    Recommend,
    Request,
    Rule,
    RulePack,
)

AS_OF = date(2026, 6, 1)
DAYS = (date(2026, 5, 31), AS_OF, date(2026, 6, 2))
"""The day of every decision, with its neighbours: where validity windows begin and end."""

OUTCOMES = ("response", "stable", "progression", "intolerance", "completed", "ongoing")
SETTINGS = ("adjuvant", "metastatic", "maintenance")
HORMONE_STATES = ("hormone_sensitive", "castration_resistant")
STAGES = ("I", "IA", "IA1", "II", "III", "IIIA", "IIIB", "IV", "IVA", "IVB")

STATE_MARKERS = tuple(name for name, entry in MARKERS.items() if "unit" not in entry and "scale" not in entry)

# Leaves


def leaves_of_markers() -> list[Any]:
    made: list[Any] = [MarkerIs(marker, state) for marker in STATE_MARKERS for state in (True, False)]
    made += [MarkerIs(marker, True, "germline") for marker in ("WHOLE", "PART1", "KIND", "RIVAL")]
    # Of a whole whose parts were reported with different origins, see tests/laws/test_leaves.py.
    made += [MarkerIs(marker, state, "somatic") for marker in ("PART1", "KIND", "RIVAL") for state in (True, False)]
    made += [MarkerMeasures("SCORE", bounds) for bounds in BOUNDS(0, 1, 50)]
    made += [MarkerMeasures("STEPS", bounds) for bounds in (*BOUNDS(1, 2), Comparison(equals=3))]
    return made


def BOUNDS(*numbers: float) -> list[Comparison]:  # noqa: N802
    each = [
        (Comparison(at_least=n), Comparison(at_most=n), Comparison(above=n), Comparison(below=n), Comparison(equals=n))
        for n in numbers
    ]
    ranges = [Comparison(at_least=low, below=high) for low, high in pairwise(numbers)]
    return [*chain.from_iterable(each), *ranges]


def leaves_of_therapies() -> list[Any]:
    names = [*THERAPIES, *AGENTS]
    made: list[Any] = [
        TherapyGiven(),
        TherapyGiven(classes=("first", "third")),
        TherapyGiven(outcomes=("progression",)),
    ]
    made += [TherapyGiven(classes=(name,)) for name in names]
    made += [
        TherapyGiven(classes=(name,), outcomes=("progression", "intolerance")) for name in ("first", "pair", "family")
    ]
    made += [TherapyGiven(classes=("first",), settings=("metastatic",), hormone_states=("hormone_sensitive",))]
    made += [TherapyGiven(classes=("third",), line=bounds) for bounds in BOUNDS(1, 2)]
    made += [TherapyGiven(classes=("family",), months_since_end=bounds) for bounds in BOUNDS(6, 12)]
    made += [TherapyGiven(months_on_therapy=bounds) for bounds in BOUNDS(6, 12)]
    return made


def leaves_of_lists() -> list[Any]:
    single = [Listed(kind, (name,)) for kind, terms in TERMS.items() for name in terms]
    return [*single, Listed("site", ("inner_left", "outer")), Listed("comorbidity", ("illness", "grave_illness"))]


def leaves_of_fields() -> list[Any]:
    extents = ("localised", "locally_advanced", "metastatic", "oligometastatic", "polymetastatic")
    made: list[Any] = [FieldIs("extent", (value,)) for value in extents]
    made += [FieldIs("stage", (value,)) for value in STAGES]
    made += [FieldIs("stage", ("IIIB", "IV")), FieldIs("extent", ("oligometastatic", "localised"))]
    made += [FieldIs("volume", ("high",)), FieldIs("timing", ("synchronous",)), FieldIs("sex", ("male",))]
    made += [FieldIs("sex", ("male", "female"))]
    made += [FieldIs("resectable", (value,)) for value in ("true", "false")]
    made += [FieldIs("hormone_state", HORMONE_STATES[:1]), FieldIs("menopausal_status", ("postmenopausal",))]
    for name, numbers in {"age": (18, 75), "ecog": (0, 2), "grade": (3,), "metastases": (3, 5)}.items():
        made += [FieldMeasures(name, bounds) for bounds in BOUNDS(*numbers)]
    made += [FieldMeasures("months_since_diagnosis", bounds) for bounds in BOUNDS(6, 12)]
    made += [FieldMeasures("prior_lines", bounds) for bounds in BOUNDS(0, 1, 2, 3)]
    return made


def leaves_of_measurements() -> list[Any]:
    made: list[Any] = [Measures("level", bounds) for bounds in BOUNDS(10, 12.9)]
    made += [Measures("count", bounds) for bounds in BOUNDS(1.5)]
    made += [Measures("level", Comparison(above=factor), "upper_limit") for factor in (1, 1.5)]
    made += [Measures("level", Comparison(below=factor), "lower_limit") for factor in (1, 0.5)]
    made += [Measures("count", Comparison(above=1.5), "upper_limit")]
    return made


LEAVES: tuple[Any, ...] = (
    *(CancerIs((code,)) for code in CANCERS),
    CancerIs(("ALPHA1", "BETA")),
    *leaves_of_markers(),
    *leaves_of_therapies(),
    *leaves_of_lists(),
    *leaves_of_fields(),
    *leaves_of_measurements(),
)


# Conditions and rules

# A handful that profiles often settle, so that conditions meet again in different places.
FAVOURITES: tuple[Any, ...] = (
    MarkerIs("KIND", True),
    MarkerIs("HIGH", True),
    FieldIs("extent", ("metastatic",)),
    FieldMeasures("ecog", Comparison(at_most=2)),
    Listed("site", ("inner",)),
    TherapyGiven(classes=("first",)),
    Listed("comorbidity", ("illness",)),
    FieldMeasures("prior_lines", Comparison(at_most=0)),
)


@cache
def conditions(facts: tuple[str, ...] = (), depth: int = 2) -> st.SearchStrategy[Condition]:
    """Conditions over leaves and these facts; an `any` of one, doubled parts and double negation are all there."""
    base = st.sampled_from([*LEAVES, *FAVOURITES * (len(LEAVES) // len(FAVOURITES)), *map(FactHolds, facts * 60)])
    return st.one_of(base, joined(facts, depth)) if depth else base


@st.composite
def joined(draw: st.DrawFn, facts: tuple[str, ...], depth: int) -> Condition:
    parts = tuple(draw(st.lists(conditions(facts, depth - 1), min_size=1, max_size=3)))
    match draw(st.integers(0, 6)):
        case 0 | 1:
            return All(parts)
        case 2 | 3:
            return AnyOf(parts)
        case 4 | 5:
            return AtLeast(1 + draw(st.integers(0, len(parts) - 1)), parts)
        case _:
            return Not(parts[0])


SCOPES: tuple[tuple[str, ...], ...] = ((), (), (), ("ALPHA",), ("ALPHA1",), ("BETA",), ("ALPHA1", "BETA"))
WINDOWS = (None, None, None, *DAYS)
PLACES: tuple[tuple[str, ...], ...] = ((), (), (), ("FDA",), ("EMA",), ("FDA", "EMA"))
ABOUT = (
    "first",
    "first_a",
    "family",
    "first",
    "second",
    "third",
    "pair",
    "beam",
    "first_a",
    "third_a",
    "second_a",
    "beam_a",
)
RECOMMENDED = ("first", "family", "first", "second", "third", "pair", "special_pair", "beam")


def contraindications() -> st.SearchStrategy[Head]:
    about = st.lists(st.sampled_from(ABOUT), min_size=1, max_size=2, unique=True).map(tuple)
    strength = st.sampled_from(["absolute", "absolute", "absolute", "relative"])
    return st.builds(Contraindicate, about, strength, st.sampled_from(["safety", "resistance"]))


def other_heads() -> st.SearchStrategy[Head]:
    return st.sampled_from(
        [
            *(Caution(()), Caution(("first",)), Caution(("third_a",))),
            *(Request(("panel",)), Conflict(), Intend("disease_control"), Intend("potentially_curative")),
        ]
    )


@st.composite
def recommendations(draw: st.DrawFn) -> Recommend:
    therapy = draw(st.sampled_from(RECOMMENDED))
    agents = empty_pack().vocabulary.agents_of[therapy]
    regimens = draw(
        st.lists(st.lists(st.sampled_from(agents), min_size=1, max_size=2, unique=True).map(tuple), max_size=2)
    )
    preference = draw(st.sampled_from(["preferred", "alternative", "selected", "investigational"]))
    return Recommend(therapy, tuple(regimens), preference, rechallenge=draw(st.integers(0, 3)) == 0)


@st.composite
def rules(draw: st.DrawFn, name: str, head: Head, facts: tuple[str, ...]) -> Rule:
    begin, end = draw(st.sampled_from(WINDOWS)), draw(st.sampled_from(WINDOWS))
    source = draw(st.sampled_from(["source_phase_3", "source_phase_2", "source_phase_1"]))
    return Rule(
        id=name,
        title=f"the rule {name}",
        head=head,
        when=draw(conditions(facts)),
        unless=tuple(draw(st.lists(conditions(facts, 1), max_size=1))),
        because=f"Rule {name} says so.",
        applies_to=draw(st.sampled_from(SCOPES)),
        jurisdiction=draw(st.sampled_from(PLACES)),
        valid_from=begin,
        valid_until=None if begin and end and end <= begin else end,
        evidence=(source,) if isinstance(head, Recommend) else (),
    )


@st.composite
def rule_lists(draw: st.DrawFn) -> list[Rule]:
    """Facts in layers, then rules that use them. A fact that is used has a rule, in scope or not."""
    made: list[Rule] = []
    known: tuple[str, ...] = ()
    for layer in LAYERS:
        chosen = draw(st.lists(st.sampled_from(layer), max_size=2))
        for fact in chosen:
            made.append(draw(rules(f"derive.{len(made)}", Derive(fact), known)))
        known += tuple(dict.fromkeys(chosen))
    for heads, fewest, most in ((recommendations(), 2, 4), (contraindications(), 1, 3), (other_heads(), 0, 1)):
        for head in draw(st.lists(heads, min_size=fewest, max_size=most)):
            made.append(draw(rules(f"rule.{len(made)}", head, known)))
    return made


def pack_with(rules: list[Rule]) -> RulePack:
    """The pack of typed rules, with those that the loader adds by itself."""
    empty = empty_pack()
    written = {rule.id: rule for rule in rules}
    return replace(empty, rules=written | generated_rules(empty.vocabulary, written), sha256=str(hash(tuple(written))))


# The same rules as a clinician would write them


def written(rule: Rule) -> dict[str, Any]:
    """A rule as the entry of a rule file."""
    form: dict[str, Any] = {"id": rule.id, "title": rule.title, "because": rule.because, "when": form_of(rule.when)}
    form |= {"unless": [form_of(part) for part in rule.unless]} if rule.unless else {}
    form |= {key: list(value) for key in ("applies_to", "jurisdiction", "evidence") if (value := getattr(rule, key))}
    window = {"from": rule.valid_from, "until": rule.valid_until}
    form |= {"valid": {key: str(day) for key, day in window.items() if day}} if any(window.values()) else {}
    return form | head_form(rule.head)


def head_form(head: Head) -> dict[str, Any]:
    match head:
        case Derive(fact):
            return {"derive": fact}
        case Recommend(therapy, regimens, preference, rechallenge):
            agents = {"agents": [list(regimen) for regimen in regimens]} if regimens else {}
            again = {"rechallenge": True} if rechallenge else {}
            return {"recommend": {"therapy": therapy, "preference": preference, **agents, **again}}
        case Contraindicate(therapies, strength, reason):
            return {"contraindicate": {"therapy": list(therapies), "strength": strength, "reason": reason}}
        case Caution(therapies):
            return {"caution": {"therapy": list(therapies)} if therapies else {}}
        case Request(tests):
            return {"request": {"tests": list(tests)}}
        case Conflict():
            return {"conflict": {}}
        case Intend(intent):
            return {"intent": intent}


def form_of(condition: Condition) -> dict[str, Any]:  # noqa: C901, PLR0911, PLR0912 - one line for each kind
    match condition:
        case All(parts):
            return {"all": [form_of(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [form_of(part) for part in parts]}
        case Not(part):
            return {"not": form_of(part)}
        case AtLeast(count, parts):
            return {"at_least": {"count": count, "of": [form_of(part) for part in parts]}}
        case FactHolds(fact):
            return {"fact": fact}
        case CancerIs(codes):
            return {"cancer": list(codes)}
        case MarkerIs(marker, state, origin):
            narrowed = {"origin": origin} if origin else {}
            return {"biomarker": {"marker": marker, "state": "positive" if state else "negative", **narrowed}}
        case MarkerMeasures(marker, comparison):
            return {"biomarker": {"marker": marker, **marker_bounds_form(marker, comparison)}}
        case Measures(name, comparison, relative_to):
            return {"measurement": {"name": name, **measurement_form(name, comparison, relative_to)}}
        case TherapyGiven():
            return {"prior_therapy": therapy_form(condition)}
        case Listed(kind, names):
            return {kind: list(names)}
        case FieldIs("resectable", values):
            return {"resectable": values == ("true",)}
        case FieldIs(field, values):
            return {field: list(values)}
        case FieldMeasures(field, comparison):
            return {field: bounds_form(comparison)}


def bounds_form(comparison: Comparison) -> dict[str, Any]:
    names = ("at_least", "at_most", "above", "below", "equals")
    return {name: bound for name in names if (bound := getattr(comparison, name)) is not None}


def marker_bounds_form(marker: str, comparison: Comparison) -> dict[str, Any]:
    entry = MARKERS[marker]
    if "unit" in entry:
        return {**bounds_form(comparison), "unit": entry["unit"]}
    return {name: entry["scale"][int(bound)] for name, bound in bounds_form(comparison).items()}


def measurement_form(name: str, comparison: Comparison, relative_to: str | None) -> dict[str, Any]:
    if relative_to == "upper_limit":
        return {"above_upper_limit": comparison.above}
    if relative_to == "lower_limit":
        return {"below_lower_limit": comparison.below}
    return {**bounds_form(comparison), "unit": {"level": "g/dL", "count": "G/L"}[name]}


def therapy_form(leaf: TherapyGiven) -> dict[str, Any]:
    lists = {
        "class": leaf.classes,
        "outcome": leaf.outcomes,
        "setting": leaf.settings,
        "hormone_state": leaf.hormone_states,
    }
    spans = {"line": leaf.line, "months_since_end": leaf.months_since_end, "months_on_therapy": leaf.months_on_therapy}
    form: dict[str, Any] = {key: list(values) for key, values in lists.items() if values}
    return form | {key: bounds_form(bounds) for key, bounds in spans.items() if bounds}


# Profiles


def sparse(keys: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keys)


def around(*months: int) -> st.SearchStrategy[date]:
    """Days so many months before the day of the decision, or one off."""
    return st.builds(
        lambda count, slip: months_later(AS_OF, -count) + timedelta(days=slip),
        st.sampled_from(months),
        st.integers(-1, 1),
    )


@st.composite
def therapies(draw: st.DrawFn) -> dict[str, Any]:
    names = st.sampled_from([*THERAPIES, *AGENTS, *["first", "third", "first_a"] * 4])
    record: dict[str, Any] = {"therapy": draw(st.one_of(names, st.lists(names, min_size=1, max_size=3, unique=True)))}
    record |= draw(
        sparse(
            {
                "setting": st.sampled_from(["metastatic", *SETTINGS]),
                "line": st.integers(1, 4),
                "hormone_state": st.sampled_from(HORMONE_STATES),
                "outcome": st.sampled_from([*["progression"] * 6, *OUTCOMES]),
            }
        )
    )
    match draw(st.sampled_from(["none", "months", "days", "future"])):
        case "months":
            record |= draw(sparse({"months_since_end": bounding(6, 12), "months_on_therapy": bounding(6, 12)}))
        case "days":
            end = draw(around(0, 6, 12)) - timedelta(days=1)
            start = months_later(end, -draw(st.sampled_from([6, 7, 12])))
            record |= {"start": str(start), "end": str(end)}
        case "future":
            record |= {"start": str(draw(around(0)))}
    return record


def bounding(*numbers: float) -> st.SearchStrategy[float]:
    return st.sampled_from([value for number in numbers for value in (number, number - 0.1, number + 0.1)])


def reports() -> st.SearchStrategy[dict[str, Any]]:
    states = st.sampled_from([*["positive", "negative"] * 4, "equivocal", "not_tested", "test_failed"])
    extras = {"origin": st.sampled_from(["germline", "somatic"]), "superseded": st.just(True)}
    named = st.fixed_dictionaries(
        {"marker": st.sampled_from([*STATE_MARKERS, *["KIND"] * 6]), "state": states}, optional=extras
    )
    scores = st.fixed_dictionaries(
        {"marker": st.just("SCORE"), "unit": st.just("%"), "value": st.sampled_from([0, 0.9, 1, 49, 50, 51, 100])}
    )
    steps = st.fixed_dictionaries({"marker": st.just("STEPS"), "value": st.sampled_from(["0", "1+", "2+", "3+"])})
    return st.one_of(named, named, scores, steps)


def measurements() -> st.SearchStrategy[dict[str, Any]]:
    dates = {"date": st.sampled_from(["2026-05-01", "2026-05-20"])}
    grams = {"unit": st.just("g/dL"), "value": st.sampled_from([6, 10, 12.9, 13, 18, 26.25, 27])}
    litres = {"unit": st.just("g/L"), "value": st.sampled_from([60, 100, 129, 130, 175, 270])}
    limit_grams = {"upper_limit": st.sampled_from([12, 18]), "lower_limit": st.just(12)}
    limit_litres = {"upper_limit": st.sampled_from([120, 180]), "lower_limit": st.just(120)}
    level = {"name": st.just("level")}
    return st.one_of(
        st.fixed_dictionaries({**level, **grams}, optional=dates | limit_grams),
        st.fixed_dictionaries({**level, **litres}, optional=dates | limit_litres),
        st.fixed_dictionaries(
            {"name": st.just("count"), "unit": st.just("G/L"), "value": st.sampled_from([1.4, 1.5, 1.8])},
            optional=dates | {"upper_limit": st.sampled_from([1.0, 1.2])},
        ),
    )


def term_lists(kind: str) -> st.SearchStrategy[Any]:
    names = st.sampled_from([*TERMS[kind], "quite another thing"])
    stated = st.fixed_dictionaries(
        {"name": names}, optional={"state": st.sampled_from(["present", "absent", "unknown"])}
    )
    items = st.lists(st.one_of(names, stated), max_size=3)
    return st.one_of(items, items, st.fixed_dictionaries({"items": items}, optional={"complete": st.booleans()}))


def therapy_lists() -> st.SearchStrategy[Any]:
    items = st.lists(therapies(), max_size=3)
    return st.one_of(items, items, st.fixed_dictionaries({"items": items}, optional={"complete": st.booleans()}))


CANCER_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "histology": term_lists("histology"),
    "sites": term_lists("site"),
    "grade": st.integers(2, 4),
    "stage": st.sampled_from(STAGES),
    "extent": st.sampled_from(["localised", "locally_advanced", "metastatic", "oligometastatic", "polymetastatic"]),
    "volume": st.sampled_from(["high", "low"]),
    "timing": st.sampled_from(["synchronous", "metachronous"]),
    "metastases": st.integers(2, 6),
    "resectable": st.booleans(),
}
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "age": st.sampled_from([17, 18, 74, 75, 76]),
    "sex": st.sampled_from(["male", "female"]),
    "ecog": st.integers(0, 3),
    "menopausal_status": st.sampled_from(["premenopausal", "postmenopausal"]),
    "hormone_state": st.sampled_from(HORMONE_STATES),
    "prior_therapies": therapy_lists(),
    "biomarkers": st.lists(reports(), max_size=5),
    "measurements": st.lists(measurements(), max_size=3),
    "comorbidities": term_lists("comorbidity"),
    "findings": term_lists("finding"),
    "drugs": term_lists("drug"),
    "preferences": term_lists("preference"),
}


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, Any]:
    """A profile as it would be read from YAML; anything may be missing and anything may contradict itself."""
    cancer = {"type": draw(st.sampled_from(list(CANCERS))), **draw(sparse(CANCER_FIELDS))}
    match draw(st.sampled_from(["", "diagnosed", "months"])):
        case "diagnosed":
            cancer["diagnosed"] = str(draw(around(0, 6, 12)))
        case "months":
            cancer["months_since_diagnosis"] = draw(bounding(6, 12))
    if draw(st.booleans()):
        cancer |= {"extent": draw(CANCER_FIELDS["extent"]), "sites": draw(CANCER_FIELDS["sites"])}
        well_known = ("ecog", "comorbidities", "prior_therapies", "biomarkers")
        return {"as_of": str(AS_OF), "cancer": cancer} | {key: draw(FIELDS[key]) for key in well_known}
    return {"as_of": str(AS_OF), "cancer": cancer, **draw(sparse(FIELDS))}
