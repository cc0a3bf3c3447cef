"""The page of what is known about a cancer has each rule written for it, once, and nothing else."""

import pytest

from knowledge.shipped import rules, written_rules
from txselect.explain.document import Table
from txselect.explain.knowledge import knowledge_document, knowledge_sections
from txselect.explain.markdown import markdown
from txselect.model.rules import Caution, Contraindicate, Recommend

PACK = rules().pack
CANCERS = ["KIDNEY", "PROSTATE", "LUNG", "BREAST", "COADREAD", "MEL"]


def titles(cancer: str, section: int, column: int) -> list[str]:
    (table,) = knowledge_sections(PACK, cancer)[section].parts
    assert isinstance(table, Table)
    return sorted(row[column] for row in table.rows)


@pytest.mark.parametrize("cancer", CANCERS)
def test_each_rule_written_for_a_cancer_or_a_kind_of_it_stands_there_once(cancer: str):
    kinds = set(PACK.vocabulary.cancer_kinds.below(cancer))
    written = [rule for rule in written_rules() if kinds & set(rule.applies_to)]
    recommended = sorted(rule.title for rule in written if isinstance(rule.head, Recommend))
    against = sorted(rule.title for rule in written if isinstance(rule.head, (Contraindicate, Caution)))
    assert recommended
    assert against
    assert titles(cancer, 0, 1) == recommended
    assert titles(cancer, 1, 0) == against


def test_a_cancer_that_no_rule_is_written_for_has_no_table():
    page = markdown(knowledge_document(PACK, "PANCREAS"))
    assert "what holds for every cancer comes on top" in page
    assert "|" not in page


def test_the_sources_of_a_rule_are_named_with_their_year():
    page = markdown(knowledge_document(PACK, "PROSTATE"))
    assert "VISION (2021)" in page
