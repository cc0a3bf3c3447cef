"""The shipped rules as knowledge: sources, identifiers, length, and nothing that nobody uses."""

import csv
import re
from functools import cache
from pathlib import Path

import pytest

from knowledge.shipped import parts_of_rule, rules, written_rules
from txselect.model.condition import FactHolds
from txselect.model.rules import Caution, Contraindicate, Derive, Evidence, Recommend, Rule

PACK = rules().pack
INDEX = Path(__file__).parents[3] / "shared" / "reference" / "evidence-index" / "citations.csv"
WITH_PMID = sorted(entry.id for entry in PACK.evidence.values() if entry.pmid)


@pytest.mark.parametrize("advice", [Recommend, Contraindicate, Caution])
def test_all_advice_has_a_source_that_exists(advice):
    advising = [rule for rule in written_rules() if isinstance(rule.head, advice)]
    assert advising
    assert [rule.id for rule in advising if not rule.evidence or not PACK.evidence.keys() >= set(rule.evidence)] == []


WITHOUT_A_PUBLICATION = {
    "profile_fields": (
        *("common.fact.metastatic", "common.fact.advanced.metastatic", "common.fact.advanced.unresectable"),
        *("common.fact.advanced.without_metastases", "common.fact.brain_metastases", "common.fact.bone_metastases"),
    ),
    "course_of_treatment": (
        *("common.fact.first_line", "common.fact.later_line", "common.fact.progressed.metastatic"),
        *("common.fact.progressed.locally_advanced", "common.fact.progressed.without_metastases"),
        *("common.fact.holds.ongoing", "common.fact.holds.last_line"),
    ),
    "drawn_by_txselect": (
        *("breast.history.cdk4_6_naive.intolerance", "colorectal.fact.first_line.unresectable"),
        *("colorectal.fact.first_line.after_immunotherapy_only", "colorectal.fact.first_line.after_break"),
        *("colorectal.fact.first_line.after_intolerance", "melanoma.history.pd1_alone_favoured.age"),
    ),
    "entries_that_exclude_each_other": (
        *("colorectal.conflict.resectable_and_diffuse", "colorectal.conflict.primary_in_place_and_removed"),
        *("common.conflict.hormone_sensitive_elsewhere", "common.conflict.localised_with_lines"),
        *("common.conflict.one_organ_with_several", "common.conflict.brain_symptoms_without_brain"),
        *("common.conflict.menopause_in_a_man", "common.conflict.male_organ_in_a_woman"),
        *("common.conflict.female_organ_in_a_man", "common.conflict.pregnancy", "common.conflict.wishes"),
        *("kidney.conflict.sarcomatoid", "kidney.conflict.interval", "lung.nsclc.conflict.histology_field"),
        "melanoma.conflict.in_transit_limb",
    ),
}


def test_no_rule_is_without_evidence():
    assert [rule.id for rule in written_rules() if not rule.evidence] == []


@pytest.mark.parametrize("definition", WITHOUT_A_PUBLICATION)
def test_a_rule_that_rests_on_no_publication_says_on_what(definition: str):
    resting = {rule.id for rule in written_rules() if definition in rule.evidence}
    assert resting == set(WITHOUT_A_PUBLICATION[definition])
    assert PACK.evidence[definition].kind == "definition"


def test_no_advice_rests_on_a_definition_alone():
    definitions = {entry.id for entry in PACK.evidence.values() if entry.kind == "definition"}
    assert definitions == set(WITHOUT_A_PUBLICATION)
    advising = [rule for rule in written_rules() if isinstance(rule.head, (Recommend, Contraindicate, Caution))]
    assert [rule.id for rule in advising if definitions >= set(rule.evidence)] == []


def test_every_approval_has_an_agency_and_a_day():
    approvals = [entry for entry in PACK.evidence.values() if entry.kind == "approval"]
    assert approvals
    assert [entry.id for entry in approvals if not (entry.agency and entry.date)] == []


def test_no_identifier_is_unchecked_and_each_has_the_form_of_its_kind():
    wrong = []
    for entry in PACK.evidence.values():
        identifiers = {"nct": r"NCT\d{8}", "pmid": r"\d{7,8}", "doi": r"10\.\d{4,}/\S+"}
        for key, form in identifiers.items():
            value = getattr(entry, key)
            if value and not (entry.checked and re.fullmatch(form, value)):
                wrong.append((entry.id, key, value))
    assert wrong == []


@cache
def index() -> dict[str, list[dict[str, str]]]:
    if not INDEX.is_file():
        pytest.skip(f"the index of citations is not here: {INDEX}")
    found: dict[str, list[dict[str, str]]] = {}
    with INDEX.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            for key in ("pmid", "nct"):
                if row[key]:
                    found.setdefault(row[key], []).append(row)
    return found


COMMON = {"and", "for", "from", "the", "versus", "with", "trial", "study", "patients", "phase"}


def words(text: str | None) -> set[str]:
    return set(re.findall(r"[a-z0-9]{3,}", (text or "").casefold())) - COMMON


def test_identifiers_said_to_be_checked_against_the_index_are_in_it():
    said = [entry for entry in PACK.evidence.values() if (entry.checked or "").startswith("evidence-index")]
    assert [shown(entry) for entry in said if not index().keys() & {entry.pmid, entry.nct}] == []


@pytest.mark.parametrize("source", WITH_PMID)
def test_a_pmid_that_the_index_knows_belongs_to_a_paper_about_the_same_thing(source: str):
    entry = PACK.evidence[source]
    own = words(f"{entry.name} {entry.population} {entry.result}")
    for row in index().get(str(entry.pmid), []):
        about = words(f"{row['title']} {row['about']}")
        # some entries of the index have authors, journal and year only
        assert own & about or str(entry.year) in row["title"], row


def shown(entry: Evidence) -> str:
    return f"{entry.id}: {entry.name}"


def test_a_rule_says_why_in_no_more_than_sixty_words():
    long = [(rule.id, len(rule.because.split())) for rule in written_rules() if len(rule.because.split()) > 60]
    assert long == []


def lines_of(rules: list[Rule]) -> dict[str, int]:
    """How many lines each rule takes in its file: up to where the next one begins."""
    by_file: dict[str, list[Rule]] = {}
    for rule in rules:
        by_file.setdefault(rule.place.file, []).append(rule)
    found: dict[str, int] = {}
    for file, own in by_file.items():
        text = Path(file).read_text(encoding="utf-8").splitlines()
        own.sort(key=lambda rule: rule.place.line)
        ends = [rule.place.line - 1 for rule in own[1:]] + [len(text)]
        for rule, end in zip(own, ends, strict=True):
            body = text[rule.place.line - 1 : end]
            found[rule.id] = sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in body)
    return found


def test_a_rule_can_be_read_on_one_screen():
    assert {rule: count for rule, count in lines_of(written_rules()).items() if count > 45} == {}


def test_every_fact_is_derived_and_used():
    used = {part.fact for rule in written_rules() for part in parts_of_rule(rule) if isinstance(part, FactHolds)}
    derived = {rule.head.fact for rule in written_rules() if isinstance(rule.head, Derive)}
    assert sorted(PACK.vocabulary.facts.keys() - used) == []
    assert sorted(PACK.vocabulary.facts.keys() - derived) == []


NOT_YET_CITED = {"act_1", "checkmate_331", "pacific"}
"""Reviewed: sources that are kept for rules to come."""


def test_every_source_is_cited():
    cited = {source for rule in written_rules() for source in rule.evidence}
    assert sorted(shown(entry) for name, entry in PACK.evidence.items() if name not in cited | NOT_YET_CITED) == []


def test_no_two_rules_say_the_same():
    """The same head under the same conditions is one rule written twice."""
    seen: dict[object, str] = {}
    twins = []
    for rule in written_rules():
        key = (rule.head, rule.when, rule.unless, rule.applies_to, rule.jurisdiction, rule.valid_from, rule.valid_until)
        twins += [(seen[key], rule.id)] if key in seen else []
        seen[key] = rule.id
    assert twins == []
