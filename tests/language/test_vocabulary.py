"""Hierarchies, and OncoTree against the shipped vocabulary."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from txselect.model.vocabulary import Hierarchy, Names, Vocabulary, plain

ONCOTREE = Path(__file__).parents[3] / "shared" / "reference" / "oncotree"

NOT_MALIGNANT = """
TISSUE
EBOV BTBEOV BTBOV CCBOV OSMAD SBOV SBMOV MBOV OSMBT OMT OGBL FT ULM MP PHM CHM
FHPTLD PHPTLD IMPTLD ISFN MCBCL EBVMCU MGUS MGUSIGG MGUSIGA MGUSIGM ISMCL MIDD MIDDO MIDDA
PCSMTPLD LYP HVLL LATL LBGN MBGN TAM JXG CMCD MATPL
LM MPC TGCT MYXO ALT MF AA IMS HEMA DES CHBL
OAT HTAT PACT PSC MCN IPMN ITPN IOPN IPN ICPN LIAD TAC CAIS
BRAME LCIS DCIS BLPT BPT FA PADA SGO CEAIS AIS CMPT LAIS
NFIB SCHW CSCHW GN SPIR DF AN DTE PPCT SKCN PORO IUP UPA RAML ROCY ACA
SUBE CLNC DIG CHGL PGNT CNC ANGL EVN DIA RGNT LDD ACPP CPP MELC BMT PINC MNG ATM CCM CHOM
APTAD PTAD SCOAH ACPG PCGP GCT PTCY GNG PAST DNT GNC LGNET HMBL VMT
"""
"""OncoTree's benign, borderline and in-situ tumours, precursor states, grade 1 and 2 tumours of the brain that do not
spread, and its root. They are no advanced cancers, so the vocabulary does without them."""


def not_malignant() -> set[str]:
    return set(NOT_MALIGNANT.split())


def oncotree() -> dict[str, str]:
    """Codes with their parents."""
    if not ONCOTREE.is_dir():
        pytest.skip(f"the OncoTree reference {ONCOTREE} is not on this machine")
    with next(ONCOTREE.glob("*.tsv")).open(encoding="utf-8", newline="") as stream:
        return {row["code"]: row["parent"] for row in csv.DictReader(stream, delimiter="\t")}


def above(code: str, parents: dict[str, str]) -> Iterator[str]:
    while code := parents.get(code, ""):
        yield code


def test_every_malignant_code_of_oncotree_is_in_the_vocabulary(shipped_vocabulary: Vocabulary):
    assert sorted(oncotree().keys() - not_malignant() - shipped_vocabulary.cancers.keys()) == []


def test_what_is_left_out_of_oncotree_exists_there():
    assert oncotree().keys() >= not_malignant()


def test_the_vocabulary_keeps_the_parents_of_oncotree(shipped_vocabulary: Vocabulary):
    parents = oncotree()
    kinds = shipped_vocabulary.cancer_kinds
    lost = [
        (code, general)
        for code in parents.keys() & shipped_vocabulary.cancers.keys()
        for general in above(code, parents)
        if general in shipped_vocabulary.cancers and kinds.relation(code, general) is not True
    ]
    assert lost == []


def test_a_parent_with_the_detail_missing_gives_unknown(shipped_vocabulary: Vocabulary):
    kinds = shipped_vocabulary.cancer_kinds
    for code, cancer in shipped_vocabulary.cancers.items():
        if cancer.parent:
            assert kinds.relation(code, cancer.parent) is True
            assert kinds.relation(cancer.parent, code) is None


def test_siblings_are_not_kinds_of_each_other(vocabulary: Vocabulary):
    assert vocabulary.cancer_kinds.relation("PRAD", "LUAD") is False
    assert vocabulary.cancer_kinds.relation("NSCLC", "LUAD") is None


def test_agents_are_kinds_of_their_classes_all_the_way_up(vocabulary: Vocabulary):
    assert vocabulary.therapy_kinds.above("docetaxel") == {"docetaxel", "taxane", "chemotherapy"}
    assert set(vocabulary.agents_of["chemotherapy"]) == {"docetaxel", "carboplatin"}


def test_a_hierarchy_finds_its_circle_and_none_where_there_is_none():
    assert Hierarchy({"a": ("b",), "b": ("c",), "c": ("b",)}).circle() == ("b", "c", "b")
    assert Hierarchy({"a": ("c",), "b": ("c",), "c": ()}).circle() == ()


def test_below_is_above_seen_from_the_other_end(vocabulary: Vocabulary):
    kinds = vocabulary.therapy_kinds
    for name in kinds.parents:
        assert set(kinds.below(name)) == {other for other in kinds.parents if name in kinds.above(other)}


@pytest.mark.parametrize("spelling", ["PD-L1 TPS", "pdl1_tps", "PD L1 (TPS)", "PDL1/TPS"])
def test_spellings_differ_in_nothing_that_counts(spelling: str):
    assert plain(spelling) == plain("PDL1_TPS")


def test_a_plus_sign_counts():
    assert plain("3+") != plain("3")


def test_a_spelling_of_two_things_is_a_clash():
    names = Names([("one", ["same"]), ("two", ["SAME"])])
    assert names.clashes == [("SAME", "one", "two")]


def test_every_name_of_the_shipped_vocabulary_leads_to_its_entry(shipped_vocabulary: Vocabulary):
    for names, entries in (
        (shipped_vocabulary.cancer_names, shipped_vocabulary.cancers),
        (shipped_vocabulary.marker_names, shipped_vocabulary.biomarkers),
        (shipped_vocabulary.measurement_names, shipped_vocabulary.measurements),
    ):
        assert [name for name, entry in entries.items() if names.find(entry.label) != name] == []


def test_what_excludes_each_other_is_written_at_every_marker_that_a_report_can_name(shipped_vocabulary: Vocabulary):
    """Otherwise a kind of the one and a kind of the other could both stand, or only one of them be doubted."""
    kinds, excluded = shipped_vocabulary.marker_kinds, shipped_vocabulary.excluded
    missing = [
        (one, another)
        for marker, others in excluded.items()
        for other in others
        for one in kinds.below(marker)
        for another in kinds.below(other)
        if another not in excluded[one]
    ]
    assert missing == []


def test_an_exclusion_that_is_written_once_holds_both_ways(shipped_vocabulary: Vocabulary):
    excluded = shipped_vocabulary.excluded
    assert any(excluded.values())
    assert all(marker in excluded[other] for marker, others in excluded.items() for other in others)
