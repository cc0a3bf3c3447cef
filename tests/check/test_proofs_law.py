"""What is proved of small random packs, held against random patients and against every combination of a few answers."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice, product

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inquiry.brute import Brute
from inquiry.small import GROUPS, THERAPY, joined
from laws.strategies import pack_with, profiles
from scale import examples
from txselect.check.finding import Finding
from txselect.check.rule_proofs import RuleProofs
from txselect.decision.reading import Reading
from txselect.errors import PYTHON, InputError, Place
from txselect.language.changes import changed
from txselect.language.patient import patient_of
from txselect.language.validation import validated
from txselect.model.condition import All, AnyOf, AtLeast, Condition, Not
from txselect.model.profile import Profile
from txselect.model.rules import Contraindicate, Recommend, Rule
from txselect.pipeline import Rules, read

MOST_COMBINED = 1500
FOR = ("beam.one", "beam.two")


def rule(name, head, when, unless=()) -> Rule:
    evidence = ("source_phase_3",) if isinstance(head, Recommend) else ()
    return Rule(id=name, title=name, head=head, when=when, unless=unless, because="-", evidence=evidence)


@st.composite
def small_packs(draw: st.DrawFn):
    """Two rules that recommend a therapy, one of them with an exception, and one that excludes it."""
    leaves = draw(st.lists(st.sampled_from(draw(st.sampled_from(GROUPS))), min_size=3, max_size=5))
    one, two, against = (draw(some_of(leaves)) for _ in range(3))
    exceptions = (draw(some_of(leaves)),) if draw(st.booleans()) else ()
    recommend = Recommend(THERAPY, (), "preferred")
    rules = [
        rule(FOR[0], recommend, one),
        rule(FOR[1], recommend, two, exceptions),
        rule("beam.against", Contraindicate((THERAPY,), "absolute", "safety"), against),
    ]
    numbers = count(1)
    return pack_with([placed(each, numbers) for each in rules])


@st.composite
def some_of(draw: st.DrawFn, leaves) -> Condition:
    return draw(joined(draw(st.lists(st.sampled_from(leaves), min_size=1, max_size=3))))


def combined(pack) -> Iterator[Profile]:
    """Patients with every combination of what the conditions tell apart, as long as there are not too many."""
    rules = Rules(pack)
    for code in pack.vocabulary.cancers:
        reading, _ = read(rules, {"cancer": {"type": code}}, engine="linear")
        if THERAPY not in reading.program.options:
            continue
        asked = [[None, *answers] for answers in Brute(rules, reading, THERAPY).asked.values()]
        for answers in islice(product(*asked), MOST_COMBINED // len(pack.vocabulary.cancers)):
            try:
                yield changed(reading.patient.profile, filter(None, answers), pack.vocabulary).profile
            except InputError:  # answers that contradict each other
                continue


def placed(rule: Rule, numbers: Iterator[int]) -> Rule:
    """The rule with a place of its own for each part of its conditions."""

    def at_its_place(condition: Condition) -> Condition:
        place = Place("made up", next(numbers))
        match condition:
            case All(parts) | AnyOf(parts) | AtLeast(_, parts):
                return replace(condition, parts=tuple(map(at_its_place, parts)), place=place)
            case Not(part):
                return Not(at_its_place(part), place)
            case _:
                return replace(condition, place=place)

    return replace(rule, when=at_its_place(rule.when), unless=tuple(map(at_its_place, rule.unless)))


def refutes(finding: Finding, reading: Reading, proofs: RuleProofs) -> bool:
    """Whether a patient shows that a finding is wrong."""
    program = proofs.space.program
    truth = reading.truth(program.rules[finding.rule])
    match finding.code:
        case "TX201":
            return truth is True
        case "TX202":
            (other,) = {reading.truth(program.rules[name]) for name in FOR if name != finding.rule}
            return (truth is True and other is not True) or (truth is not False and other is False)
        case "TX203":
            return truth is True and reading.truth(program.options[THERAPY].contraindicated) is not True
        case "TX206":
            (rest,) = [rest for part, rest in proofs.parts[finding.rule] if part.place == finding.place]
            return truth is not reading.truth(rest)
    assert finding.code == "TX208"
    return False


@settings(max_examples=examples(60, nightly=600))
@given(small_packs(), st.lists(profiles(), min_size=15, max_size=15))
def test_no_patient_refutes_what_is_found(pack, drawn):
    proofs = RuleProofs(pack)
    found = [finding for name in FOR for finding in proofs.of(name)]
    assume(found)
    people = [*(validated(Profile, each, PYTHON) for each in drawn), *combined(pack)]
    for reading in map(proofs.space.reading, people):
        assert [finding for finding in found if refutes(finding, reading, proofs)] == []


@settings(max_examples=examples(40, nightly=400))
@given(small_packs(), st.lists(profiles(), max_size=15))
def test_patients_who_are_known_change_nothing_that_is_found(pack, drawn):
    """Shown or searched for, a goal is met; of patients of whom equally little is said any may be the witness."""
    searched, shown = RuleProofs(pack), RuleProofs(pack)
    vocabulary = pack.vocabulary
    shown.space.know(patient_of(validated(Profile, each, PYTHON), vocabulary, pack.date) for each in drawn)
    one, other = (dict(proofs.of_several(FOR)) for proofs in (shown, searched))
    assert without_witnesses(one) == without_witnesses(other)


def without_witnesses(found: dict[str, list[Finding]]) -> dict[str, list[tuple[Finding, bool]]]:
    return {
        name: [(replace(each, witness=None), each.witness is None) for each in findings]
        for name, findings in found.items()
    }
