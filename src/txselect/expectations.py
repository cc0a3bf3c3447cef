"""Cases as tests of the knowledge: what a case expects against what the decision says."""

from __future__ import annotations

from collections.abc import Iterator

from txselect.decision.record import Decision
from txselect.errors import Problem
from txselect.explain.therapy import known_therapy
from txselect.model.profile import Case, ExpectedOption
from txselect.model.rules import RulePack

CODE = "TX030"


def unmet(case: Case, decision: Decision, pack: RulePack) -> tuple[Problem, ...]:
    """Each expectation of the case that the decision does not meet, at its place in the case file.

    Raises InputError for an expectation that names a therapy class the rules do not know.
    """
    return tuple(_unmet(case, decision, pack))


def _unmet(case: Case, decision: Decision, pack: RulePack) -> Iterator[Problem]:
    expect = case.expect
    if expect.intent and decision.intent != expect.intent:
        yield Problem(expect.place.at("intent"), CODE, f"intent is {decision.intent}, expected {expect.intent}")
    for wanted in expect.options:
        yield from _option(wanted, decision, pack)
    for index, therapy in enumerate(expect.not_offered):
        option = decision.option(known_therapy(pack, therapy))
        if option and option.offered:
            place = expect.place.at("not_offered", index)
            yield Problem(place, CODE, f"`{therapy}` is {option.status}, expected not to be offered")
    for flag in expect.flags:
        if not any(flag.kind == found.kind and _mentions(found, flag.about) for found in decision.flags):
            yield Problem(flag.place, CODE, f"no flag of kind {flag.kind} about `{flag.about}`")
    made = {assumption.id for assumption in decision.assumptions}
    for index, name in enumerate(expect.assumptions):
        if name not in made:
            place = expect.place.at("assumptions", index)
            yield Problem(place, CODE, f"`{name}` was not assumed, only {', '.join(sorted(made)) or 'nothing'}")


def _option(wanted: ExpectedOption, decision: Decision, pack: RulePack) -> Iterator[Problem]:
    option = decision.option(known_therapy(pack, wanted.therapy))
    status = option.status if option else "not_indicated"
    if status != wanted.status:
        yield Problem(wanted.place, CODE, f"`{wanted.therapy}` is {status}, expected {wanted.status}")
    elif wanted.rank and option and option.rank != wanted.rank:
        yield Problem(wanted.place, CODE, f"`{wanted.therapy}` has rank {option.rank}, expected {wanted.rank}")


def _mentions(flag: object, about: str) -> bool:
    return about.casefold() in str(flag).casefold()
