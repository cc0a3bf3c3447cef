"""Each planted fault in `tests/faulty_packs/lint_*` gets exactly its `expected.txt`, and its repaired twin nothing.

A fault of cases lies in `faulty-cases/` beside the pack. After a deliberate change of messages,
`python tests/check/test_lint.py` writes the expected files anew; read the difference before you keep it.
"""

import re
import time
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from knowledge.shipped import cases as shipped_cases
from txselect.check.finding import Finding
from txselect.check.lint import lint
from txselect.language.case import read_case
from txselect.language.pack import read_pack
from txselect.model.profile import Case
from txselect.shipped import shipped_folder

CHECKOUT = Path(__file__).parents[2]
PACKS = CHECKOUT / "tests" / "faulty_packs"
PAGE = CHECKOUT / "docs" / "checks.md"
QUIET = Path(__file__).parent / "quiet_pack" / "pack.yaml"
QUIET_CASE = Path(__file__).parent / "quiet_cases" / "fit.yaml"


def said(findings: list[Finding]) -> str:
    return "".join(f"{finding.problem}\n" for finding in findings)


# Planted faults


def is_of_lint(folder: Path) -> bool:
    """Whether nothing but lint is expected to find the fault: one that is just being made counts by its name."""
    expected = folder / "expected.txt"
    if not expected.exists():
        return folder.name.startswith("lint_")
    codes = re.findall(r" (TX\d{3}) ", expected.read_text(encoding="utf-8"))
    return bool(codes) and all(code.startswith("TX1") for code in codes)


FOLDERS = sorted(folder for folder in PACKS.iterdir() if folder.is_dir() and is_of_lint(folder))


def files_in(folder: Path) -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.yaml"))]


def findings_in(folder: Path) -> list[Finding]:
    """What lint finds in a pack and the cases beside it, with places that begin with the folder's name."""
    pack = read_pack(Path(folder.name), files_in(folder))
    beside = folder.with_name(f"{folder.name}-cases")
    cases = [read_case(content.decode(), f"{beside.name}/{name}") for name, content in files_in(beside)]
    return lint(pack, pack.date, cases)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_planted_fault_is_found_at_its_place(folder: Path):
    assert said(findings_in(folder / "faulty")) == (folder / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_its_repaired_twin_is_silent(folder: Path):
    assert said(findings_in(folder / "repaired")) == ""


def test_every_code_of_lint_has_a_planted_fault():
    planted = {finding.code for folder in FOLDERS for finding in findings_in(folder / "faulty")}
    assert planted == set(codes_in_the_program())


# The page about the codes

EXAMPLE = re.compile(r"```yaml (case|rules)\.yaml\n(.*?)```\n+```text\n(.*?)```", re.DOTALL)


class Example(NamedTuple):
    code: str
    kind: str
    text: str
    messages: str


def sections() -> dict[str, str]:
    parts = re.split(r"^## (TX1\d\d) .*$|^#+ .*$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {code: text for code, text in zip(parts[::2], parts[1::2], strict=True) if code}


def codes_in_the_program() -> list[str]:
    source = "".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "src").rglob("lint_*.py"))
    return sorted(set(re.findall(r'"(TX1\d\d)"', source)))


def examples() -> list[Example]:
    return [Example(code, *found) for code, section in sections().items() for found in EXAMPLE.findall(section)]


def test_every_code_has_a_section_with_an_example_that_shows_it():
    assert sorted(sections()) == codes_in_the_program()
    assert sorted({example.code for example in examples() if f" {example.code} " in example.messages}) == sorted(
        sections()
    )


def findings_of_an_example(kind: str, text: str) -> list[Finding]:
    files = [("pack.yaml", QUIET.read_bytes())]
    added: list[Case] = []
    if kind == "rules":
        files.append(("rules.yaml", text.encode()))
    else:
        added.append(read_case(text, "case.yaml"))
    pack = read_pack(Path(), files)
    return lint(pack, pack.date, [read_case(QUIET_CASE.read_text(encoding="utf-8"), QUIET_CASE.name), *added])


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.code)
def test_an_example_gets_exactly_the_messages_shown(example: Example):
    assert said(findings_of_an_example(example.kind, example.text)).replace("./", "") == example.messages


# What is right, and looks like a fault


def findings_with(*edits: tuple[str, str], day: date = date(2026, 1, 1), cases: tuple[Case, ...] = ()) -> list[Finding]:
    """What lint finds in the quiet pack after its text was edited."""
    text = QUIET.read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return lint(read_pack(Path("quiet"), [("pack.yaml", text.encode())]), day, cases)


BECAUSE = "because: With an EGFR mutation it holds the disease longer than chemotherapy."
EGFR = "when: {biomarker: {marker: EGFR, state: positive}}"
AUTOIMMUNE = "when: {comorbidity: autoimmune_disease}"
ARTHRITIS = "label: rheumatoid arthritis, is_a: [autoimmune_disease]}"
NEGATIVE = "{{biomarker: {{marker: {}, state: negative}}}}"
THREE = f"{{all: [{', '.join(map(NEGATIVE.format, ('EGFR', 'ALK', 'RET')))}]}}"


def test_the_quiet_pack_is_quiet():
    assert said(findings_with()) == ""


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([(BECAUSE, "because: Without an ALK fusion, EGFR decides.")], id="a marker named besides"),
        pytest.param([(BECAUSE, "because: An EGFR TKI, not a checkpoint inhibitor.")], id="a marker in a drug's name"),
        pytest.param([(EGFR, "when: {biomarker: {marker: EGFR_L858R, state: positive}}")], id="the gene of a variant"),
        pytest.param([(BECAUSE, "because: It shrank 80% of tumours, 70 of 88.")], id="results of a trial"),
        pytest.param(
            [(EGFR, f"when: {THREE}"), ("  - {id: ALK,", "  - {id: RET, label: RET fusion}\n  - {id: ALK,"),
             (BECAUSE, "because: Without these drivers PD-L1 tumour proportion score decides."),
             ("title: EGFR TKI in an EGFR mutation", "title: EGFR TKI without a driver")],
            id="several markers spoken of together",
        ),
        pytest.param(
            [("comorbidities:\n", "comorbidities:\n  - {id: joint_disease, label: joint disease}\n"),
             (ARTHRITIS, "label: rheumatoid arthritis, is_a: [autoimmune_disease, joint_disease]}"),
             (AUTOIMMUNE, "when: {comorbidity: [autoimmune_disease, rheumatoid_arthritis]}")],
            id="a kind of two things beside one of them",
        ),
        pytest.param([(AUTOIMMUNE, "when: {all: [{sex: male}, {extent: metastatic}, {extent: oligometastatic}]}")],
                     id="values of which one is a kind of the other"),
        pytest.param(
            [(AUTOIMMUNE, "when: {all: [{measurement: {name: clearance, above: 30, unit: mL/min}}, "
                          "{not: {measurement: {name: clearance, above: 60, unit: mL/min}}}]}")],
            id="numbers that leave a range",
        ),
        pytest.param([(AUTOIMMUNE, "when: {any: [{sex: male}, {sex: female}]}")], id="values one of which is enough"),
        pytest.param([("    applies_to: [NSCLC]\n    " + EGFR, "    valid: {from: 2027-01-01}\n    " + EGFR)],
                     id="a rule that is not valid yet"),
    ],
)  # fmt: skip
def test_what_is_right_gets_no_finding(edits: list[tuple[str, str]]):
    assert said(findings_with(*edits)) == ""


def two_facts(first: str, second: str, third: str = "above: 90") -> tuple[str, str]:
    """Facts drawn from the age, each read by a caution."""
    names = {"young": first, "middling": second, "old": third}
    rules = "".join(
        f"\n  - id: fact.{name}\n    title: {name}\n    when: {{age: {{{comparison}}}}}\n    derive: {name}\n"
        f"    because: By age.\n\n  - id: caution.{name}\n    title: caution, {name}\n    when: {{fact: {name}}}\n"
        "    caution: {}\n    evidence: [flaura]\n    because: By age.\n"
        for name, comparison in names.items()
    )
    facts = "".join(f"\n  - {{id: {name}, label: {name}}}" for name in names)
    return facts, rules


@pytest.mark.parametrize(
    ("ranges", "codes"),
    [
        (("at_most: 49", "at_least: 50", "at_least: 80"), []),  # old lies inside middling
        (("below: 50", "above: 50", "equals: 50"), []),  # the gap is taken
        (("below: 50", "above: 50", "equals: 20"), ["TX121"]),
        (("at_most: 49", "at_least: 51", "equals: 20"), []),  # a gap with a number of its own is meant
        (("at_most: 49", "above: 48", "equals: 20"), ["TX120"]),
        (("below: 50", "above: 49", "equals: 20"), []),  # years are whole
    ],
)
def test_ranges_are_held_against_each_other(ranges: tuple[str, str, str], codes: list[str]):
    facts, rules = two_facts(*ranges)
    found = findings_with(
        ("\n  - {id: fit, label: fit for chemotherapy}", "\n  - {id: fit, label: fit for chemotherapy}" + facts),
        ("\n  - id: request.panel", rules + "\n  - id: request.panel"),
    )
    assert [finding.code for finding in found] == codes


def test_a_class_that_a_case_names_is_in_use():
    unused = (
        "agents:\n",
        "  - {id: alk_tki, label: ALK TKI, modality: targeted}\nagents:\n"
        "  - {id: alectinib, label: alectinib, class: [alk_tki], aliases: [Alecensa]}\n",
    )
    without, naming = (
        read_case(f"cancer: {{type: LUAD}}\nprior_therapies: [{{therapy: [{drug}]}}]\n", f"{drug}.yaml")
        for drug in ("cisplatin", "alecensa")
    )
    silent_without_cases, found, silent = (findings_with(unused, cases=cases) for cases in ((), (without,), (naming,)))
    assert ["TX102" in {finding.code for finding in each} for each in (silent_without_cases, found, silent)] == [
        False, True, False,
    ]  # fmt: skip


def test_the_day_of_review_is_still_in_time():
    assert findings_with(day=date(2026, 7, 1)) == []
    assert [finding.code for finding in findings_with(day=date(2026, 7, 2))] == ["TX108"]


def test_a_finding_names_its_rule():
    found = findings_with((AUTOIMMUNE, "when: {all: [{comorbidity: autoimmune_disease}]}"))
    assert [finding.rule for finding in found] == ["safety.autoimmune"]


def test_the_shipped_rules_are_looked_through_in_less_than_a_second():
    pack = read_pack(shipped_folder("rules"))
    start = time.process_time()
    lint(pack, pack.date, shipped_cases().values())
    assert time.process_time() - start < 1


if __name__ == "__main__":
    for faulty in FOLDERS:
        (faulty / "expected.txt").write_text(said(findings_in(faulty / "faulty")), encoding="utf-8")
