"""Every way in which what is unknown of an invented patient can turn out, found by running the real pipeline.

Independent of `theory.lp`, of the questions made for it and of Clingo: what can be found out, what it can turn out to
be and which test tells what is written down here by hand.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import chain, combinations, product
from math import prod
from pathlib import Path
from typing import Any

from laws.invented import HEADER, as_yaml, labelled, vocabulary_file
from txselect.decision.options import status_of
from txselect.decision.reading import Reading
from txselect.errors import InputError
from txselect.language.changes import changed
from txselect.language.generated import generated_rules
from txselect.language.pack import read_pack
from txselect.model.change import Change
from txselect.model.condition import (
    CancerIs,
    Comparison,
    FieldIs,
    FieldMeasures,
    Leaf,
    Listed,
    MarkerIs,
    MarkerMeasures,
    Measures,
    TherapyGiven,
)
from txselect.model.profile import BiomarkerReport, Profile
from txselect.model.rules import Rule, RulePack
from txselect.pipeline import Rules, read, reread

FINAL = ("recommended", "excluded", "not_indicated")
Learnt = tuple[Change | BiomarkerReport, ...]
"""What one thing turned out to be: results are added to those there are, everything else is a change."""

AS_OF = date(2026, 6, 1)
THERAPIES = ("red", "green", "blue")
"""Classes that no prior therapy speaks against by itself."""

TESTS: dict[str, dict[str, Any]] = {
    "panel": {"markers": ["PART1", "PART2"]},
    "first_part": {"markers": ["PART1"]},
    "second_part": {"markers": ["PART2"]},
    "class_stain": {"markers": ["CLASS"]},
    "kind_stain": {"markers": ["KIND"]},
    "blood_gene": {"markers": ["PART1"], "origin": "germline"},
    "big_panel": {"markers": ["WHOLE", "CLASS"]},
    "score_stain": {"markers": ["SCORE"]},
    "blood": {"measurements": ["level", "count"]},
    "level_alone": {"measurements": ["level"]},
    "imaging": {"fields": ["cancer.extent", "cancer.sites"]},
    "talk": {"fields": ["ecog", "prior_therapies", "comorbidities"]},
    "chart": {"fields": ["prior_therapies", "cancer.sites"]},
}
TOLD: dict[str, set[str]] = {
    "panel": {"PART1", "PART1 germline", "PART2", "WHOLE", "GRAIN1"},
    "first_part": {"PART1", "PART1 germline"},
    "blood_gene": {"PART1 germline"},
    "second_part": {"PART2", "GRAIN1"},
    "class_stain": {"CLASS", "KIND", "RIVAL"},
    "kind_stain": {"KIND"},
    "big_panel": {"PART1", "PART1 germline", "PART2", "WHOLE", "GRAIN1", "CLASS", "KIND", "RIVAL"},
    "score_stain": {"SCORE", "HIGH", "ANY"},
    "blood": {"level", "count"},
    "level_alone": {"level"},
    "imaging": {"extent", "sites"},
    "talk": {"ecog", "prior_therapies", "comorbidities"},
    "chart": {"prior_therapies", "sites"},
}
"""What each test tells: a panel also what its markers are parts of and what is a kind of them."""

ABOUT = {
    "level": "level",
    "count": "count",
    "extent": "extent of the disease",
    "sites": "metastatic sites",
    "ecog": "ECOG performance status",
    "prior_therapies": "prior therapies",
    "comorbidities": "comorbidities",
    "resectable": "resectability",
    "type": "the exact type of the cancer",
    "PART1 germline": "PART1 (germline)",
}
"""How a reader is told what can be found out; markers are called by their names."""


def _states(marker: str, **origin: str) -> list[Learnt]:
    return [
        (BiomarkerReport.model_validate({"marker": marker, "state": s, **origin}),) for s in ("positive", "negative")
    ]


def _values(marker: str, values: Iterable[float | str], unit: str | None = None) -> list[Learnt]:
    return [(BiomarkerReport(marker=marker, value=value, unit=unit),) for value in values]


def _said(path: str, values: Iterable[object]) -> list[Learnt]:
    return [(Change(path, value),) for value in values]


def _listed(path: str, names: Iterable[str]) -> list[Learnt]:
    paths = [f"{path}.{name}" for name in names]
    return [tuple(map(Change, paths, states)) for states in product(("present", "absent"), repeat=len(paths))]


def _histories() -> list[Learnt]:
    """Of four therapies each was given, with one of two outcomes, or was not; then nothing else was."""
    names, outcomes = ("first", "second", "third", "beam"), ("progression", "response")
    each = [[None, *(Change(f"prior_therapies.{name}", outcome) for outcome in outcomes)] for name in names]
    complete = Change("prior_therapies", "complete")
    return [(*(given for given in history if given), complete) for history in product(*each)]


RESULTS: dict[str, list[Learnt]] = {
    **{marker: _states(marker) for marker in ("WHOLE", "PART1", "PART2", "GRAIN1", "CLASS", "KIND", "HIGH", "ANY")},
    **{marker: _states(marker) for marker in ("RIVAL", "LONER")},
    "PART1 germline": _states("PART1", origin="germline"),
    "SCORE": _values("SCORE", [0.0, 5.0, 20.0, 70.0], "%"),
    "STEPS": _values("STEPS", ["0", "2+", "3+"]),
    "level": _said("measurements.level", ["6 g/dL", "11 g/dL", "20 g/dL"]),
    "count": _said("measurements.count", ["1 G/L", "2 G/L"]),
    "ecog": _said("ecog", [0, 1, 2, 3, 4]),
    "resectable": _said("cancer.resectable", [True, False]),
    "extent": _said("cancer.extent", ["localised", "locally_advanced", "oligometastatic", "polymetastatic"]),
    "type": _said("cancer.type", ["ALPHA1", "ALPHA2"]),
    "sites": _listed("sites", ["inner", "inner_left", "outer"]),
    "comorbidities": _listed("comorbidities", ["illness", "grave_illness"]),
    "prior_therapies": _histories(),
}
LEAVES: dict[str, list[Leaf]] = {
    **{marker: [MarkerIs(marker, True), MarkerIs(marker, False)] for marker in ("WHOLE", "PART1", "PART2", "GRAIN1")},
    **{marker: [MarkerIs(marker, True)] for marker in ("CLASS", "KIND", "HIGH", "ANY", "RIVAL", "LONER")},
    "PART1 germline": [MarkerIs("PART1", True, "germline")],
    "SCORE": [MarkerMeasures("SCORE", Comparison(at_least=10)), MarkerMeasures("SCORE", Comparison(at_least=50))],
    "STEPS": [MarkerMeasures("STEPS", Comparison(at_least=2)), MarkerMeasures("STEPS", Comparison(equals=3))],
    "level": [Measures("level", Comparison(at_least=10)), Measures("level", Comparison(above=1), "upper_limit")],
    "count": [Measures("count", Comparison(below=1.5))],
    "ecog": [FieldMeasures("ecog", Comparison(at_most=1)), FieldMeasures("ecog", Comparison(at_most=2))],
    "resectable": [FieldIs("resectable", ("true",))],
    "extent": [FieldIs("extent", ("metastatic",)), FieldIs("extent", ("oligometastatic",))],
    "type": [CancerIs(("ALPHA1",))],
    "sites": [Listed("site", ("inner",)), Listed("site", ("inner_left",)), Listed("site", ("outer",))],
    "comorbidities": [Listed("comorbidity", ("illness",)), Listed("comorbidity", ("grave_illness",))],
    "prior_therapies": [
        TherapyGiven(classes=("first",)),
        TherapyGiven(classes=("second",)),
        TherapyGiven(outcomes=("progression",)),
        TherapyGiven(classes=("family",), outcomes=("progression",)),
        TherapyGiven(classes=("first",), outcomes=("progression",)),
        TherapyGiven(classes=("third",), outcomes=("response", "progression")),
    ],
}


@cache
def _vocabulary_pack() -> RulePack:
    made = vocabulary_file()
    made["tests"] = [labelled(id=name, **told) for name, told in TESTS.items()]
    made["therapies"] += [labelled(id=name, modality="targeted", failed_by=[]) for name in THERAPIES]
    return read_pack(Path("worlds"), [("vocabulary.yaml", as_yaml({**HEADER, **made}))])


def rules_with(rules: Iterable[Rule], tests: Iterable[str]) -> Rules:
    """The rules over the vocabulary with some of its tests."""
    pack = _vocabulary_pack()
    written = {rule.id: rule for rule in rules}
    vocabulary = replace(pack.vocabulary, tests={name: pack.vocabulary.tests[name] for name in tests})
    return Rules(replace(pack, vocabulary=vocabulary, rules=written | generated_rules(vocabulary, written)))


@dataclass(frozen=True, repr=False)
class Worlds:
    """A patient's open options, what can be found out of those, and everything that it can turn out to be.

    items: for each thing that is unknown what it can turn out to be.
    complete: for each way in which everything can turn out (results by item) the open options that are recommended.
    """

    rules: Rules
    profile: Profile
    before: Reading
    options: tuple[str, ...]
    items: Mapping[str, list[Learnt]]
    complete: Mapping[tuple[Learnt, ...], frozenset[str]]

    @classmethod
    def of(cls, rules: Rules, profile: Profile, asked: Mapping[str, Iterable[str]], most: int) -> "Worlds | None":
        """`asked`: for each therapy class the things that its conditions ask about. None: more than `most` worlds."""
        reading, decision = read(rules, profile, engine="linear")
        options = tuple(o.therapy for o in decision.options if o.status in ("possible", "recommended_pending"))
        open_leaves = _waited_for(reading, options)
        items = {
            item: RESULTS[item]
            for item in sorted({i for o in options for i in asked[o]})
            if any(leaf in open_leaves for leaf in LEAVES[item])
        }
        if prod(map(len, items.values())) > most:
            return None
        worlds = cls(rules, profile, reading, options, items, {})
        return replace(worlds, complete=worlds._complete())

    def __repr__(self) -> str:
        """What Hypothesis shows of an example."""
        rules = [(type(rule.head).__name__, rule.head, rule.when) for rule in self.rules.pack.rules.values()]
        profile = self.profile.model_dump(exclude_defaults=True, exclude_none=True, mode="json")
        return f"Worlds({rules}, tests={list(self.rules.pack.vocabulary.tests)}, profile={profile})"

    def _complete(self) -> dict[tuple[Learnt, ...], frozenset[str]]:
        found = {}
        for results in product(*self.items.values()):
            statuses = self.after(dict(zip(self.items, results, strict=True)))
            if statuses is not None:
                assert set(statuses.values()) <= set(FINAL), (results, statuses)
                found[results] = frozenset(option for option in self.options if statuses[option] == "recommended")
        return found

    def after(self, results: Mapping[str, Learnt]) -> dict[str, str] | None:
        """The status of each open option once these items turn out so; None where that cannot be, or is no answer."""
        profile = learnt(self.profile, list(chain.from_iterable(results.values())), self.rules)
        if profile is None:
            return None
        reading = reread(self.rules, profile, AS_OF, None)
        if any(_unknown(item, reading) for item in results):
            return None
        if not _keeps(self.before, reading) or any(n.kind == "data_conflict" for n in reading.patient.notices):
            return None
        return {option: _status(reading, option) for option in self.options}

    def told_by(self, tests: Iterable[str]) -> frozenset[str]:
        """The unknown things that these tests tell; one that no test of the vocabulary tells is a test by itself."""
        told = chain.from_iterable(TOLD.get(test, {test}) for test in tests)
        return frozenset(told) & self.items.keys()

    def tests(self) -> list[str]:
        """Each test that tells something unknown."""
        named = [test for test in self.rules.pack.vocabulary.tests if self.told_by([test])]
        return [*named, *sorted(self.items.keys() - self.told_by(named))]

    def _grouped(self, items: Iterable[str]) -> Iterator[set[frozenset[str]]]:
        """The ends that worlds come to which agree on these items."""
        positions = [number for number, item in enumerate(self.items) if item in set(items)]
        groups: dict[tuple[Learnt, ...], set[frozenset[str]]] = {}
        for results, ends in self.complete.items():
            groups.setdefault(tuple(results[number] for number in positions), set()).add(ends)
        yield from groups.values()

    def settled_by(self, tests: Iterable[str]) -> bool:
        """Whether these tests settle every option, whatever they show."""
        return all(len(ends) == 1 for ends in self._grouped(self.told_by(tests)))

    def fewest(self) -> int:
        """How many tests settle every option at least."""
        tests = self.tests()
        return next(
            size
            for size in range(len(tests) + 1)
            if any(self.settled_by(chosen) for chosen in combinations(tests, size))
        )

    def relevant(self, option: str) -> set[str]:
        """The things in which worlds with different ends for an option differ, as few at once as can be."""
        smallest: list[set[str]] = []
        for size in range(1, len(self.items) + 1):
            for differing in map(set, combinations(self.items, size)):
                alike = self._grouped(self.items.keys() - differing)
                if not any(known <= differing for known in smallest) and any(
                    len({option in end for end in ends}) > 1 for ends in alike
                ):
                    smallest.append(differing)
        return set().union(*smallest)

    def ends(self, test: str, option: str) -> set[str]:
        """The statuses that an option can have once a test alone is done."""
        told = sorted(self.told_by([test]))
        results = (dict(zip(told, found, strict=True)) for found in product(*map(self.items.__getitem__, told)))
        return {statuses[option] for found in results if (statuses := self.after(found)) is not None}


def _waited_for(reading: Reading, options: Iterable[str]) -> list[Leaf]:
    """The unknown conditions for which these options wait; others may ask about what decides nothing here."""
    nodes = (reading.program.options[option] for option in options)
    references = (reference for node in nodes for reference in (node.indicated, node.contraindicated))
    return [reading.leaf(2 * node) for reference in references for node in reading.blockers(reference)]


def _unknown(item: str, reading: Reading) -> bool:
    """Whether some condition of the program that asks about it is open."""
    nodes = [node for node in reading.program.leaves if reading.program.nodes[node].leaf in LEAVES[item]]
    return any(reading.truth(2 * node) is None for node in nodes)


def _keeps(before: Reading, after: Reading) -> bool:
    """Whether what is known stays known."""
    leaves = {before.program.nodes[node].leaf: before.truth(2 * node) for node in before.program.leaves}
    return all(
        after.truth(2 * node) == truth
        for node in after.program.leaves
        if (truth := leaves.get(after.program.nodes[node].leaf)) is not None
    )


def _status(reading: Reading, therapy: str) -> str:
    nodes = reading.program.options.get(therapy)
    if nodes is None:
        return "not_indicated"
    return status_of(reading.truth(nodes.indicated), reading.truth(nodes.contraindicated))


def learnt(profile: Profile, found: list[Change | BiomarkerReport], rules: Rules) -> Profile | None:
    """The profile with all this found out, or None where it contradicts itself or what is known."""
    reports = [report for report in found if isinstance(report, BiomarkerReport)]
    try:
        made = changed(profile, [change for change in found if isinstance(change, Change)], rules.pack.vocabulary)
    except InputError:
        return None
    if made.set_aside:
        return None
    return made.profile.model_copy(update={"biomarkers": (*made.profile.biomarkers, *reports)})
