from datetime import date
from pathlib import Path

import pytest

from txselect.check.lint import lint
from txselect.check.rule_proofs import RuleProofs
from txselect.cli import starting
from txselect.errors import InputError
from txselect.expectations import unmet
from txselect.language.case import load_case
from txselect.model.profile import Case
from txselect.pipeline import load_rules, read
from txselect.scaffold.new_case import new_case
from txselect.scaffold.new_pack import new_pack
from txselect.scaffold.new_rule import new_rule
from txselect.scaffold.wanted import Places, Wanted

DAY = date(2026, 11, 1)
FAULTY_PACKS = Path(__file__).parents[1] / "faulty_packs"
LUNG = FAULTY_PACKS / "proof_redundant_kind_of_a_marker" / "repaired"
BREAST = FAULTY_PACKS / "proof_gap_a_step_of_a_scale" / "repaired"
COLORECTAL = FAULTY_PACKS / "proof_invariant_one_kind_is_forgotten" / "repaired"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    new_pack("mine", tmp_path, DAY)
    return tmp_path / "mine"


def places(pack: Path, file: Path | None = None) -> Places:
    return Places(pack / "rules", pack / "cases", pack / "docs" / "rules.md", file)


def copied(rules: Path, to: Path) -> Places:
    """A pack of the corpus as a folder of rules without cases."""
    for path in rules.iterdir():
        target = to / "rules" / path.name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(path.read_bytes())
    return places(to)


def cases_of(folder: Path) -> list[Case]:
    return [load_case(path) for path in sorted(folder.glob("*.yaml"))]


def unmet_in(given: Places) -> list[str]:
    rules = load_rules(given.rules)
    found = ((case, read(rules, case)[1]) for case in cases_of(given.cases))
    return [str(problem) for case, decision in found for problem in unmet(case, decision, rules.pack)]


def truth(rule: str, case: str, given: Places) -> bool | None:
    return read(load_rules(given.rules), load_case(given.cases / f"{case}.yaml"))[0].rule_truth(rule)


def snapshot(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# packs


def test_a_new_pack_loads_and_its_cases_pass(pack: Path):
    assert len(cases_of(pack / "cases")) == 2
    assert unmet_in(places(pack)) == []
    assert truth("first.egfr_tki", "first-fires", places(pack)) is True
    assert truth("first.egfr_tki", "first-nearly-fires", places(pack)) is False


def test_nothing_is_found_in_a_new_pack(pack: Path):
    made = load_rules(pack / "rules").pack
    proofs = RuleProofs(made)
    assert [finding.message for rule in proofs.rules for finding in proofs.of(rule)] == []
    assert [str(finding.problem) for finding in lint(made, DAY, cases_of(pack / "cases"))] == []


def test_a_pack_is_not_written_over_another(pack: Path):
    (pack / "rules" / "first.yaml").write_text("mine", encoding="utf-8")
    before = snapshot(pack)
    with pytest.raises(InputError, match="exists already"):
        new_pack("mine", pack.parent, DAY)
    assert snapshot(pack) == before


def test_a_name_that_is_a_path_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="is no id of a pack"):
        new_pack("../mine", tmp_path, DAY)
    assert list(tmp_path.iterdir()) == []


# rules


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        (LUNG, Wanted("lung.more.marker", "egfr_tki", "NSCLC", marker="ALK")),
        (LUNG, Wanted("lung.more.value", "checkpoint_inhibitor", "lung adenocarcinoma", marker="PDL1 TPS")),
        (LUNG, Wanted("lung.more.prior", "alk_tki", prior="osimertinib")),
        (LUNG, Wanted("lung.more.both", "ALK TKI", "LUSC", marker="ALK", prior="platinum_doublet")),
        (LUNG, Wanted("lung.more.well", "egfr_tki")),
        (BREAST, Wanted("breast.more.step", "taxane", "IDC", marker="HER2_IHC")),
        (BREAST, Wanted("breast.more.whole", "aromatase_inhibitor", "BREAST", marker="HORMONE_RECEPTOR")),
        (COLORECTAL, Wanted("colon.more", "braf_inhibitor_plus_anti_egfr", "COAD", marker="BRAF_V600E")),
    ],
    ids=lambda value: value.id if isinstance(value, Wanted) else value.parents[0].name,
)
def test_a_new_rule_fires_in_its_case_and_nearly_fires_in_the_other(rules: Path, wanted: Wanted, tmp_path: Path):
    given = copied(rules, tmp_path)
    new_rule(wanted, given)
    slug = wanted.id.replace(".", "-")
    assert truth(wanted.id, f"{slug}-fires", given) is True
    assert truth(wanted.id, f"{slug}-nearly-fires", given) is False
    assert unmet_in(given) == []
    made = load_rules(given.rules).pack.rules[wanted.id]
    assert made.evidence
    assert f"`{wanted.id}`" in given.page.read_text("utf-8")


def test_a_rule_is_added_to_a_file_and_what_stands_there_is_kept(pack: Path):
    file = pack / "rules" / "first.yaml"
    before = file.read_text("utf-8").splitlines()
    new_rule(Wanted("first.second", "egfr_tki", marker="EGFR_SENSITISING"), places(pack, file))
    after = iter(file.read_text("utf-8").splitlines())
    assert [line for line in before if line not in after] == []
    assert load_rules(pack / "rules").pack.rules["first.second"].place.file == file.as_posix()
    assert unmet_in(places(pack)) == []


def test_every_problem_of_a_rule_is_told_at_once_and_nothing_is_written(pack: Path):
    before = snapshot(pack)
    with pytest.raises(InputError) as refused:
        new_rule(Wanted("First", "egfr_tky", "NSCLCC", "EGRF", "osimertinb"), places(pack))
    assert [str(problem.place) for problem in refused.value.problems] == [
        "--cancer",
        "--marker",
        "--prior",
        "--therapy",
        "<rule>",
    ]
    assert "did you mean `egfr_tki`?" in [problem.hint for problem in refused.value.problems]
    assert snapshot(pack) == before


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted("first.egfr_tki", "egfr_tki"), "is there already"),
        (Wanted("first.more", "osimertinib"), "is an agent, not a therapy class"),
        (Wanted("first.more", "egfr_tki", prior="osimertinib"), "is excluded where `first.more` holds"),
    ],
)
def test_a_rule_that_could_not_pass_is_refused(wanted: Wanted, said: str, pack: Path):
    before = snapshot(pack)
    with pytest.raises(InputError, match=said):
        new_rule(wanted, places(pack))
    assert snapshot(pack) == before


def test_a_file_outside_of_the_rules_is_refused(pack: Path):
    with pytest.raises(InputError, match="lies outside of the rules"):
        new_rule(Wanted("first.more", "egfr_tki"), places(pack, pack / "elsewhere.yaml"))


def test_a_rule_list_in_brackets_is_refused_with_its_place(pack: Path):
    file = pack / "rules" / "short.yaml"
    file.write_text("pack: mine\nlanguage: 1\ndate: 2026-11-01\nrules: []\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"short\.yaml:4:1: TX005 `rules` has no room"):
        new_rule(Wanted("first.more", "egfr_tki"), places(pack, file))


def test_what_cannot_be_written_leaves_all_as_it_was(pack: Path):
    given = Places(pack / "rules", pack / "cases", pack / "rules" / "pack.yaml" / "rules.md")
    before = snapshot(pack)
    with pytest.raises(InputError, match="cannot be written"):
        new_rule(Wanted("first.more", "egfr_tki"), given)
    assert snapshot(pack) == before


# cases


def test_a_new_case_expects_what_is_decided_now(tmp_path: Path):
    given = copied(LUNG, tmp_path)
    path = new_case("somebody", "lung adenocarcinoma", given.rules, given.cases)
    expected = load_case(path).expect
    assert ("platinum_doublet", "recommended") in [(option.therapy, option.status) for option in expected.options]
    assert unmet_in(given) == []


def test_a_case_is_not_written_over_another_and_its_cancer_must_be_known(pack: Path):
    with pytest.raises(InputError) as refused:
        new_case("first-fires", "LUADD", pack / "rules", pack / "cases")
    assert [problem.code for problem in refused.value.problems] == ["TX006", "TX014"]


def test_a_case_of_a_cancer_without_rules_says_so(pack: Path):
    vocabulary = pack / "rules" / "vocabulary.yaml"
    text = vocabulary.read_text("utf-8")
    vocabulary.write_text(text.replace("cancers:", "cancers:\n  - {code: SKCM, label: melanoma}"), encoding="utf-8")
    case = load_case(new_case("other", "melanoma", pack / "rules", pack / "cases"))
    assert [flag.kind for flag in case.expect.flags] == ["out_of_scope"]
    assert unmet_in(places(pack)) == []


# the commands


def test_the_commands_say_what_was_written_and_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    starting.new(["pack", "mine"], standalone_mode=False)
    starting.new(["rule", "first.more", "--therapy", "egfr_tki", "--rules", "mine/rules"], standalone_mode=False)
    starting.new(["case", "somebody", "--cancer", "LUAD", "--rules", "mine/rules"], standalone_mode=False)
    printed = capsys.readouterr().out
    assert "wrote mine/cases/somebody.yaml\n" in printed
    assert printed.count("next: txselect test mine/cases --rules mine/rules\n") == 3
    assert "first.more" in load_rules(tmp_path / "mine" / "rules").pack.rules
