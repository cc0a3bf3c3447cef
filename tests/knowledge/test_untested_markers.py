"""An untested marker is never negative: shown for each marker that a shipped rule asks about."""

from typing import Any

import pytest

from knowledge.shipped import cases, parts_of_rule, rules
from scale import some
from txselect.language.patient import patient_of
from txselect.model.condition import Leaf, MarkerIs, MarkerMeasures
from txselect.model.profile import Profile
from txselect.pipeline import checked_profile, decide
from txselect.program.observe import leaf_test

VOCABULARY = rules().pack.vocabulary
ASKED: dict[str, set[Leaf]] = {}
for _rule in rules().pack.rules.values():
    for _part in parts_of_rule(_rule):
        if isinstance(_part, (MarkerIs, MarkerMeasures)):
            ASKED.setdefault(_part.marker, set()).add(_part)

UNKNOWN = (None, "not_tested", "equivocal", "test_failed")


@pytest.mark.parametrize("marker", sorted(ASKED))
def test_a_marker_without_a_result_is_neither_positive_nor_negative(marker: str):
    every_other_marker = [name for name in VOCABULARY.biomarkers if name != marker]
    for state in UNKNOWN:
        reports = [{"marker": marker, "state": state}] if state else []
        # Everything else that can stand in a profile without saying anything of this marker.
        reports += [{"marker": name, "state": "not_tested"} for name in every_other_marker]
        profile: dict[str, Any] = {"cancer": {"type": "TISSUE"} if "TISSUE" in VOCABULARY.cancers else some_cancer()}
        patient = patient_of(checked_profile({**profile, "biomarkers": reports}), VOCABULARY, rules().pack.date)
        for leaf in ASKED[marker]:
            assert leaf_test(leaf, VOCABULARY)(patient) is None, (leaf, state)


def some_cancer() -> dict[str, str]:
    return {"type": next(iter(VOCABULARY.cancers))}


def reported_markers() -> list[tuple[str, int]]:
    return [
        (name, index)
        for name in some(cases(), 180)
        for index, report in enumerate(cases()[name].profile.biomarkers)
        if report.state in (None, "positive", "negative") and not report.superseded
    ]


def without_report(profile: Profile, index: int) -> Profile:
    reports = tuple(report for number, report in enumerate(profile.biomarkers) if number != index)
    return profile.model_copy(update={"biomarkers": reports})


@pytest.mark.parametrize("state", ["left out", "not_tested", "equivocal", "test_failed"])
def test_to_take_a_result_away_never_rules_an_option_out_that_it_had_left_open(state: str):
    """Except for a contradiction resolved: then a report too few is a report more that is believed."""
    fallen = []
    for name, index in reported_markers():
        profile = cases()[name].profile
        before = decide(rules(), profile, engine="linear")
        if any(flag.kind == "data_conflict" for flag in before.flags):
            continue
        after = decide(rules(), taken_away(profile, index, state), engine="linear")
        for option in before.options:
            now = after.option(option.therapy)
            if option.offered and (now is None or not now.offered):
                fallen.append(
                    (name, profile.biomarkers[index].marker, option.therapy, option.status, now and now.status)
                )
    assert fallen == []


def taken_away(profile: Profile, index: int, state: str) -> Profile:
    if state == "left out":
        return without_report(profile, index)
    report = profile.biomarkers[index].model_copy(update={"state": state, "value": None, "unit": None})
    reports = (*profile.biomarkers[:index], report, *profile.biomarkers[index + 1 :])
    return profile.model_copy(update={"biomarkers": reports})
