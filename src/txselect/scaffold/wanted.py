"""A new rule as it was asked for, and what the vocabulary makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from txselect.errors import Gathering, Place
from txselect.model.rules import RulePack
from txselect.model.vocabulary import Vocabulary
from txselect.scaffold.asked import Asked, asked
from txselect.scaffold.files import already_there
from txselect.scaffold.names import RULE_ID, check_name, known


@dataclass(frozen=True)
class Wanted:
    """A new rule as it was asked for: its id and names of the vocabulary, in any spelling."""

    id: str
    therapy: str
    cancer: str | None = None
    marker: str | None = None
    prior: str | None = None


@dataclass(frozen=True)
class Places:
    """The folders of the rules and the cases, the page about the rules, and the rule file, if one is named."""

    rules: Path
    cases: Path
    page: Path
    file: Path | None = None


@dataclass(frozen=True)
class Resolved:
    """The rule in the words of the vocabulary. `cancer` is the case's; `scope` the rule's, if it has one."""

    id: str
    title: str
    therapy: str
    regimen: Sequence[str]
    scope: str | None
    cancer: str
    asked: Sequence[Asked]


def resolved(wanted: Wanted, pack: RulePack, places: Places) -> Resolved:
    """The rule in the words of the pack. Raises InputError with every name, id and file that cannot be used."""
    problems = Gathering()
    vocabulary = pack.vocabulary
    check_name(wanted.id, RULE_ID, "rule", "write lower-case words joined by `.`, such as `lung.first`", problems)
    if wanted.id in pack.rules:
        hint = f"it stands at {pack.rules[wanted.id].place}"
        problems.add(Place("<rule>"), "TX007", f"the rule `{wanted.id}` is there already", hint)
    own_file = [] if places.file else [places.rules / f"{joined(wanted.id, '_')}.yaml"]
    problems.found += already_there(
        [*own_file, *(case_path(wanted.id, places.cases, fires) for fires in (True, False))]
    )
    therapy = known("--therapy", "therapy class", wanted.therapy, vocabulary.therapy_names, problems)
    scope = known("--cancer", "cancer type", wanted.cancer, vocabulary.cancer_names, problems)
    marker = known("--marker", "marker", wanted.marker, vocabulary.marker_names, problems)
    prior = known("--prior", "therapy class or agent", wanted.prior, vocabulary.therapy_names, problems)
    regimen = _regimen(therapy, vocabulary, problems) if therapy else []
    problems.raise_if_any()
    conditions = asked(vocabulary, marker, prior)
    title = f"{vocabulary.therapies[therapy or ''].label} with {' and '.join(each.words for each in conditions)}"
    cancer = scope or next(iter(vocabulary.cancers))
    return Resolved(wanted.id, title, therapy or "", regimen, scope, cancer, conditions)


def _regimen(therapy: str, vocabulary: Vocabulary, problems: Gathering) -> list[str]:
    """One agent of the class, or one of each component of a combination."""
    if therapy not in vocabulary.therapies:
        classes = " or ".join(f"`{name}`" for name in vocabulary.agents[therapy].classes)
        problems.add(Place("--therapy"), "TX005", f"`{therapy}` is an agent, not a therapy class", f"give {classes}")
        return []
    parts = vocabulary.therapies[therapy].components or (therapy,)
    without = [part for part in parts if not vocabulary.agents_of.get(part)]
    for part in without:
        hint = "add an agent with this class to a vocabulary file"
        problems.add(Place("--therapy"), "TX010", f"no agent belongs to `{part}`", hint)
    return [] if without else [vocabulary.agents_of[part][0] for part in parts]


def joined(rule_id: str, between: str) -> str:
    """The id of a rule with all its words joined alike."""
    return rule_id.replace(".", between).replace("_", between)


def case_path(rule_id: str, cases: Path, fires: bool) -> Path:
    """Where the case lies in which a rule fires, or in which it nearly does."""
    return cases / f"{joined(rule_id, '-')}-{'fires' if fires else 'nearly-fires'}.yaml"
