"""More knowledge only ever adds: what was known stays known, and no option falls from recommended to not indicated."""

from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from laws.invented import CANCERS, MARKERS, TERMS, THERAPIES
from laws.reference import CANCER_PARENTS, THERAPY_PARENTS, above, marker_state, marker_value
from laws.strategies import (
    CANCER_FIELDS,
    FIELDS,
    HORMONE_STATES,
    RECOMMENDED,
    SETTINGS,
    pack_with,
    profiles,
    rule_lists,
)
from scale import examples
from txselect.decision.record import Decision
from txselect.model.rules import Rule
from txselect.pipeline import Rules, read

MAY_BECOME = {
    "recommended": {"recommended"},
    "recommended_pending": {"recommended", "recommended_pending", "excluded"},
    "possible": {"recommended", "recommended_pending", "possible", "excluded", "not_indicated"},
    "excluded": {"excluded", "not_indicated"},
    "not_indicated": {"not_indicated"},
}
"""`excluded` may turn out never to have been indicated; nothing else that was settled moves."""


@st.composite
def refinements(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A profile, and the same with something more known that contradicts nothing."""
    less = draw(profiles())
    more = deepcopy(less)
    for _ in range(draw(st.integers(1, 3))):
        draw(st.sampled_from([refine_cancer, refine_field, refine_marker, refine_marker, refine_list, refine_therapy]))(
            draw, more
        )
    return less, more


def refine_cancer(draw: st.DrawFn, profile: dict[str, Any]) -> None:
    kinds = [code for code in CANCERS if profile["cancer"]["type"] in above(code, CANCER_PARENTS)]
    profile["cancer"]["type"] = draw(st.sampled_from(kinds))


def refine_field(draw: st.DrawFn, profile: dict[str, Any]) -> None:
    """A field or a whole list that nobody filled in."""
    where, fields = draw(st.sampled_from([(profile, FIELDS), (profile["cancer"], CANCER_FIELDS)]))
    # Reports and measurements are never "filled in": none of them is no list of its own. Preferences left out mean
    # none, so stating one changes what was known.
    missing = sorted(fields.keys() - where.keys() - {"biomarkers", "measurements", "preferences"})
    if missing:
        key = draw(st.sampled_from(missing))
        where[key] = draw(fields[key])


def refine_marker(draw: st.DrawFn, profile: dict[str, Any]) -> None:
    before = profile.get("biomarkers", [])
    report = draw(FIELDS["biomarkers"].filter(bool))[0]
    after = [*before, report]
    for marker in MARKERS:
        for origin in (None, "germline", "somatic"):
            known = marker_state(marker, origin, before)
            assume(known is None or marker_state(marker, origin, after) is known)
        value = marker_value(marker, before)
        assume(value is None or marker_value(marker, after) == value)
    profile["biomarkers"] = after


def refine_list(draw: st.DrawFn, profile: dict[str, Any]) -> None:
    """A term that an open list leaves open, and that has nothing to do with what is listed."""
    kind, key, where = draw(
        st.sampled_from([("finding", "findings", profile), ("histology", "histology", profile["cancer"])])
    )
    items = where.get(key, [])
    if isinstance(items, dict):
        return
    listed = {item if isinstance(item, str) else item["name"] for item in items}
    free = [
        name
        for name in TERMS[kind]
        if not any(
            name in above(other, TERMS[kind]) or other in above(name, TERMS[kind])
            for other in listed & TERMS[kind].keys()
        )
    ]
    if free:
        where[key] = [
            *items,
            {"name": draw(st.sampled_from(free)), "state": draw(st.sampled_from(["present", "absent"]))},
        ]


def refine_therapy(draw: st.DrawFn, profile: dict[str, Any]) -> None:
    """A detail of a prior therapy, or which member of a class it was."""
    records = profile.get("prior_therapies", [])
    records = records["items"] if isinstance(records, dict) else records
    if not records:
        return
    record = draw(st.sampled_from(records))
    if isinstance(record["therapy"], str):
        # Who wrote down a component meant no combination: to make it one contradicts what was said.
        combinations = {name for name, entry in THERAPIES.items() if "components" in entry}
        own = above(record["therapy"], THERAPY_PARENTS)
        higher = {name: above(name, THERAPY_PARENTS) for name in THERAPY_PARENTS}
        kinds = [
            name for name, all_of in higher.items() if record["therapy"] in all_of and not all_of & combinations - own
        ]
        record["therapy"] = draw(st.sampled_from(kinds))
    details = {
        "setting": SETTINGS,
        "hormone_state": HORMONE_STATES,
        "outcome": ("progression", "response", "intolerance"),
    }
    key = draw(st.sampled_from(list(details)))
    record.setdefault(key, draw(st.sampled_from(details[key])))


def status(decision: Decision, therapy: str) -> str:
    option = decision.option(therapy)
    return option.status if option else "not_indicated"


@settings(max_examples=examples(700, nightly=10_000), suppress_health_check=list(HealthCheck))
@given(written_rules=rule_lists(), both=refinements())
def test_what_was_known_stays_known_when_more_is_known(
    written_rules: list[Rule], both: tuple[dict[str, Any], dict[str, Any]]
):
    rules = Rules(pack_with(written_rules))
    (before, less), (after, more) = (read(rules, profile, engine="linear") for profile in both)
    for name in before.program.rules:
        known = before.rule_truth(name)
        now = after.rule_truth(name) if name in after.program.rules else False
        if known is not None and not name.startswith("derive."):
            assert now is known, name
    leaves = {node.leaf: 2 * number for number, node in enumerate(after.program.nodes) if node.leaf}
    for number, node in enumerate(before.program.nodes):
        if node.leaf in leaves and before.truth(2 * number) is not None:
            assert after.truth(leaves[node.leaf]) is before.truth(2 * number), node.leaf
    for therapy in RECOMMENDED:
        assert status(more, therapy) in MAY_BECOME[status(less, therapy)], therapy
