"""What a profile says of each kind of condition, against a reading of the profile as it was written."""

from typing import Any

from hypothesis import given, settings

from laws.invented import empty_pack
from laws.reference import leaf_truth
from laws.strategies import AS_OF, LEAVES, profiles
from scale import examples
from txselect.language.patient import patient_of
from txselect.model.condition import Condition
from txselect.pipeline import checked_profile
from txselect.program.observe import leaf_test, subject_of

TESTS = [(leaf, subject_of(leaf), leaf_test(leaf, empty_pack().vocabulary)) for leaf in LEAVES]


@settings(max_examples=examples(1_000, nightly=20_000))
@given(profile=profiles())
def test_every_leaf_is_as_true_as_the_profile_makes_it(profile: dict[str, Any]):
    patient = patient_of(checked_profile(profile), empty_pack().vocabulary, AS_OF)
    found: dict[Condition, bool | None] = {
        leaf: test(patient) if subject in patient.subjects else None for leaf, subject, test in TESTS
    }
    assert found == {leaf: leaf_truth(leaf, profile, AS_OF) for leaf in LEAVES}
