"""The shipped rules: nothing is wrong with them, and what they claim of all patients is proved."""

from functools import cache

from txselect.check.checked import Checked, everything_in, proofs, reviewed
from txselect.check.lint import lint
from txselect.language.pack import read_pack
from txselect.shipped import shipped_folder


@cache
def checked() -> Checked:
    pack = read_pack(shipped_folder("rules"))
    proved = dict(proofs(pack))
    assert sorted(proved) == sorted(everything_in(pack))
    found = [*lint(pack, pack.date), *(finding for findings in proved.values() for finding in findings)]
    return reviewed(pack, found, len(proved))


def test_there_is_nothing_to_find():
    assert [str(finding.problem) for finding in checked().findings] == []


def test_what_is_kept_is_little_and_has_a_reason():
    assert len(checked().kept) < 10
    assert all(entry.because for _, entry in checked().kept)


def test_each_of_the_six_cancers_has_a_scope_that_is_proved():
    pack = read_pack(shipped_folder("rules"))
    assert len(pack.declared.scopes) >= 6
    assert len(pack.declared.invariants) >= 3
