"""Conditions as rule files write them, and the words that a reader gets for them."""

from pathlib import Path

import pytest

from txselect.decision.wording import Wording
from txselect.language.pack import read_pack
from txselect.model.condition import Comparison, Condition, FieldIs, MarkerMeasures
from txselect.model.rules import RulePack

from .conftest import HEALTHY

RULE = """\
pack: healthy
language: 1
date: 2026-01-01
rules:
  - {{id: asked, title: asked, because: A reason., conflict: {{}}, when: {when}}}
"""


def pack_asking(when: str) -> RulePack:
    files = [(path.name, path.read_bytes()) for path in sorted(HEALTHY.glob("*.yaml"))]
    return read_pack(Path("pack"), [*files, ("z.yaml", RULE.format(when=when).encode())])


def read(when: str) -> Condition:
    return pack_asking(when).rules["asked"].when


def words(when: str) -> str:
    pack = pack_asking(when)
    condition = pack.rules["asked"].when
    assert isinstance(condition, MarkerMeasures | FieldIs)
    return Wording(pack).condition(condition)


@pytest.mark.parametrize(
    ("bound", "comparison", "text"),
    [
        ('at_least: "2+"', Comparison(at_least=3), "at least 2+"),
        ('at_most: "1+"', Comparison(at_most=2), "at most 1+"),
        ('above: "0"', Comparison(above=0), "above 0"),
        ("above: 0", Comparison(above=0), "above 0"),
        ('below: "2+"', Comparison(below=3), "below 2+"),
        ("equals: ultralow", Comparison(equals=1), "ultralow"),
        ('above: "0", below: "2+"', Comparison(above=0, below=3), "above 0 and below 2+"),
    ],
)
def test_a_scale_is_compared_with_its_texts_in_every_way(bound: str, comparison: Comparison, text: str):
    when = f"{{biomarker: {{marker: HER2_IHC, {bound}}}}}"
    assert read(when) == MarkerMeasures("HER2_IHC", comparison)
    assert words(when) == f"HER2 immunohistochemistry {text}"


def test_sex_may_be_a_list_like_the_other_fields():
    assert read("{sex: [male, female]}") == FieldIs("sex", ("male", "female"))
    assert words("{sex: [male, female]}") == "male or female"
    assert read("{sex: male}") == FieldIs("sex", ("male",))


@pytest.mark.parametrize(
    ("comparison", "text"),
    [
        (Comparison(at_least=1, at_most=5, above=2), "from 1 to 5 % and above 2 %"),
        (Comparison(at_least=1, at_most=5, below=4, equals=3), "from 1 to 5 % and below 4 % and 3 %"),
        (Comparison(1, 5, 0, 6, 3), "from 1 to 5 % and above 0 % and below 6 % and 3 %"),
        (Comparison(at_least=1, above=0, below=3), "at least 1 % and above 0 % and below 3 %"),
    ],
)
def test_a_comparison_names_every_bound_that_it_has(comparison: Comparison, text: str):
    assert comparison.text("%") == text
