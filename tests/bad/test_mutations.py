"""Whatever is done to a good input, the answer is a result or a list of problems with places, never a crash."""

import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scale import examples
from txselect.errors import InputError
from txselect.language.case import read_case
from txselect.language.pack import read_pack
from txselect.language.patient import patient_of

HEALTHY = Path(__file__).parent / "healthy_pack"
VOCABULARY = read_pack(HEALTHY).vocabulary
PROFILE = """
as_of: "2026-06-01"
ecog: 1
sex: male
cancer:
  {type: PRAD, extent: metastatic, sites: [bone, {name: liver, state: absent}], stage: IV, diagnosed: "2024-01-01"}
hormone_state: castration_resistant
prior_therapies:
  - {therapy: [docetaxel, carboplatin], setting: metastatic, line: 1, start: "2025-01-01", end: "2025-06-01"}
biomarkers:
  - {marker: BRCA2, state: positive, origin: germline}
  - {marker: EGFR, alteration: L858R, state: positive}
  - {marker: PDL1_TPS, value: 60, unit: "%"}
  - {marker: HER2_IHC, value: "2+"}
measurements: [{name: haemoglobin, value: 10.2, unit: g/dL, upper_limit: 17}]
comorbidities: {complete: false, items: [rheumatoid arthritis]}
other_findings: [anything]
"""
TEXTS = ("", "x", "EGFR", "positive", "docetaxel", "2026-02-30", "g/L")
ODD = st.sampled_from([None, True, 0, -1, 1.5, 10**17, *TEXTS, [], {}, [[]], [None], {"": {}}])


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where something stands that can be taken away or replaced."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in inner for found in [(*path, key), *paths(item, (*path, key))]]


@st.composite
def mutations(draw: st.DrawFn, original: Any) -> Any:
    """One to three parts replaced, removed, renamed or moved."""
    value = deepcopy(original)
    for _ in range(draw(st.integers(1, 3))):
        *path, key = draw(st.sampled_from(paths(value) or [("new",)]))
        holder = value
        for step in path:
            holder = holder[step]
        match draw(st.sampled_from(["replace", "remove", "rename", "nest"])):
            case "replace":
                holder[key] = deepcopy(draw(ODD))
            case "remove" if key in (holder if isinstance(holder, dict) else range(len(holder))):
                del holder[key]
            case "rename" if isinstance(holder, dict) and key in holder:
                holder[draw(st.sampled_from(["x", "type", "marker", "items", f"{key}s"]))] = holder.pop(key)
            case _:
                holder[key] = [deepcopy(holder.get(key) if isinstance(holder, dict) else holder[key])]
    return value


def placed(error: InputError) -> bool:
    return bool(error.problems) and all(problem.place.file != "<python>" for problem in error.problems)


@given(mutations(yaml.safe_load(PROFILE)))
@settings(max_examples=examples(300, nightly=5_000))
def test_a_changed_profile_gives_a_patient_or_problems_with_places(value: Any):
    failure = None
    try:
        patient_of(read_case(json.dumps(value), "x.json").profile, VOCABULARY, date(2026, 6, 1))
    except InputError as error:
        failure = error
    assert failure is None or placed(failure)


FILES = [(path.name, path.read_bytes()) for path in sorted(HEALTHY.glob("*.yaml"))]
CONDITIONS = """
- {at_least: {count: 2, of: [{fact: fit}, {site: bone}, {not: {sex: male}}]}}
- {biomarker: {marker: PDL1_TPS, at_least: 50, unit: "%"}}
- {biomarker: {marker: HER2_IHC, at_most: "1+"}}
- {measurement: {name: calcium, above_upper_limit: 1.5}}
- {prior_therapy: {class: [taxane], outcome: progression, line: {at_most: 2}}}
"""


def with_more_conditions(content: bytes) -> Any:
    value = json.loads(json.dumps(yaml.safe_load(content), default=str))
    for rule in value.get("rules", [])[1:]:
        rule["when"] = {"any": [rule["when"], *yaml.safe_load(CONDITIONS)]}
    return value


@st.composite
def changed_packs(draw: st.DrawFn) -> list[tuple[str, bytes]]:
    name, content = draw(st.sampled_from(FILES))
    changed = draw(mutations(with_more_conditions(content)))
    return [(other, json.dumps(changed).encode() if other == name else kept) for other, kept in FILES]


def test_the_pack_that_is_changed_has_no_fault_of_its_own():
    read_pack(Path("pack"), [(name, json.dumps(with_more_conditions(content)).encode()) for name, content in FILES])


@given(changed_packs())
@settings(max_examples=examples(200, nightly=5_000))
def test_a_changed_pack_gives_rules_or_problems_with_places(files: list[tuple[str, bytes]]):
    failure = None
    try:
        read_pack(Path("pack"), files)
    except InputError as error:
        failure = error
    assert failure is None or placed(failure)
