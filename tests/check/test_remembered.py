"""What was proved is remembered, moves with its rule, and is proved again when anything it rests on changes."""

import shutil
from pathlib import Path

import pytest

from check.test_faulty_packs import FOLDER
from txselect.check.checked import everything_in, proofs
from txselect.check.declared_proofs import DeclaredProofs
from txselect.check.rule_proofs import RuleProofs
from txselect.language.pack import read_pack

FAULTY = FOLDER / "proof_never_fires_two_facts_that_exclude_each_other" / "faulty"
GAP = FOLDER / "proof_gap_between_ecog_1_and_2" / "faulty"


@pytest.fixture(autouse=True)
def _a_memory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def proved(monkeypatch: pytest.MonkeyPatch):
    """The names that are proved and not remembered."""
    names: list[str] = []
    for kind in (RuleProofs, DeclaredProofs):
        of_several = kind.of_several

        def noted(self, asked, of_several=of_several):
            asked = list(asked)
            names.extend(asked)
            return of_several(self, asked)

        monkeypatch.setattr(kind, "of_several", noted)
    return names


def found(pack):
    return {name: findings for name, findings in proofs(pack, jobs=1) if findings}


@pytest.mark.parametrize("folder", [FAULTY, GAP], ids=["rules", "claims"])
def test_nothing_is_proved_twice(folder, proved):
    pack = read_pack(folder)
    first = found(pack)
    assert first
    assert sorted(proved) == sorted(everything_in(pack))
    proved.clear()
    assert found(pack) == first
    assert proved == []


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def test_a_finding_moves_with_its_rule(tmp_path, proved):
    folder = copied(FAULTY, tmp_path / "pack")
    before = {name: [finding.place.line for finding in findings] for name, findings in found(read_pack(folder)).items()}
    rules = folder / "rules.yaml"
    rules.write_text("# one line more\n" + rules.read_text("utf-8"), "utf-8")
    proved.clear()
    after = {name: [finding.place.line for finding in findings] for name, findings in found(read_pack(folder)).items()}
    assert proved == []
    assert after == {name: [line + 1 for line in lines] for name, lines in before.items()}


def test_what_rests_on_an_edited_rule_is_proved_again_and_nothing_else(tmp_path, proved):
    folder = copied(FAULTY, tmp_path / "pack")
    found(read_pack(folder))
    repaired = FAULTY.parent / "repaired"
    for file in repaired.glob("*.yaml"):
        shutil.copy(file, folder)
    proved.clear()
    pack = read_pack(folder)
    assert found(pack) == {}
    assert 0 < len(proved) < len(everything_in(pack))


def test_a_broken_memory_only_costs_time(tmp_path, proved):
    pack = read_pack(FAULTY)
    first = found(pack)
    (memory,) = (tmp_path / "cache").rglob("*.proofs")
    memory.write_text("{ not JSON", "utf-8")
    proved.clear()
    assert found(pack) == first
    assert sorted(proved) == sorted(everything_in(pack))
