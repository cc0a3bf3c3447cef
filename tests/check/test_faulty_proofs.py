"""Every planted fault is found at its place, its repaired twin is silent, and a run shows what the finding says."""

from functools import cache

import pytest

from check.test_faulty_packs import faulty_packs
from txselect.check.checked import everything_in
from txselect.check.declared_proofs import DeclaredProofs
from txselect.check.rule_proofs import RuleProofs
from txselect.check.witness import case_file
from txselect.language.case import read_case
from txselect.language.pack import read_pack
from txselect.pipeline import Rules, read

OFFERED = ("recommended", "recommended_pending", "possible")
FAULTY = [(folder, fault) for folder, fault in faulty_packs() if fault.code != "none"]
NAMES = [folder.name for folder, _ in FAULTY]


@cache
def pack_in(folder):
    return read_pack(folder)


@cache
def found_in(folder):
    pack = pack_in(folder)
    rules, claims = RuleProofs(pack), DeclaredProofs(pack)
    proved = [*rules.of_several(list(rules.rules)), *claims.of_several(claims.ids)]
    assert sorted(name for name, _ in proved) == sorted(everything_in(pack))
    return [finding for _, findings in proved for finding in findings]


@pytest.mark.parametrize(("folder", "fault"), FAULTY, ids=NAMES)
def test_the_fault_is_found_where_it_was_planted(folder, fault):
    places = {(finding.code, finding.rule, finding.place.line) for finding in found_in(folder / "faulty")}
    assert (fault.code, fault.rule, fault.line) in places
    assert {finding.place.file.split("/")[-1] for finding in found_in(folder / "faulty")} >= {fault.file}


@pytest.mark.parametrize("folder", [folder for folder, _ in faulty_packs()], ids=lambda folder: folder.name)
def test_the_repaired_twin_is_silent(folder):
    assert [str(finding.problem) for finding in found_in(folder / "repaired")] == []


@pytest.mark.parametrize("folder", [folder for folder, fault in faulty_packs() if fault.code == "none"])
def test_what_is_redundant_only_for_complete_patients_is_no_fault(folder):
    assert [str(finding.problem) for finding in found_in(folder / "faulty")] == []


SHOWN = [(folder, finding) for folder, _ in FAULTY for finding in found_in(folder / "faulty") if finding.witness]


@pytest.mark.parametrize(("folder", "finding"), SHOWN, ids=lambda value: getattr(value, "name", None))
def test_a_run_of_the_case_file_shows_what_the_finding_says(folder, finding):
    pack = pack_in(folder / "faulty")
    case = read_case(case_file(finding.witness), "witness.yaml")
    reading, decision = read(Rules(pack), case, engine="linear")
    match finding.code:
        case "TX202":
            assert reading.rule_truth(finding.rule) is True
        case "TX203":
            assert reading.rule_truth(finding.rule) is True
            assert decision.option(pack.rules[finding.rule].head.therapy).status == "excluded"
        case "TX204":
            (scope,) = [claim for claim in pack.declared.claims if claim.id == finding.rule]
            enough = ("recommended",) if scope.expects == "a_recommendation" else OFFERED
            assert [option.therapy for option in decision.options if option.status in enough] == []
        case "TX205":
            (invariant,) = [claim for claim in pack.declared.invariants if claim.id == finding.rule]
            kinds = pack.vocabulary.therapy_kinds.below(invariant.therapy)
            assert any(option.therapy in kinds and option.offered for option in decision.options)
        case code:
            assert code == "TX208"
            assert reading.rule_truth(finding.rule) is None


def test_there_are_enough_of_them():
    lint = [folder for folder in FAULTY[0][0].parent.iterdir() if folder.name.startswith("lint_")]
    assert len(lint) + len(FAULTY) >= 60
