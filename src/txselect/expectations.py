"""Cases as tests of the knowledge: what a case expects against what the decision says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from txselect.decision.record import Decision
from txselect.errors import Gathering, InputError, Place, Problem
from txselect.explain.therapy import known_therapy
from txselect.model.profile import Case, Expectation, ExpectedOption
from txselect.model.rules import RulePack
from txselect.recorded import digest, record_of

CODE = "TX030"


def unmet(case: Case, decision: Decision, pack: RulePack) -> tuple[Problem, ...]:
    """Each expectation of the case that the decision does not meet, at its place in the case file.

    Raises InputError for expectations that name a therapy class the rules do not know.
    """
    expect = case.expect
    problems = Gathering()
    for wanted in expect.options:
        _check_therapy(pack, wanted.therapy, wanted.place.at("therapy"), problems)
    for index, therapy in enumerate(expect.not_offered):
        _check_therapy(pack, therapy, expect.place.at("not_offered", index), problems)
    problems.raise_if_any()
    return tuple(_unmet(expect, decision, pack))


def _check_therapy(pack: RulePack, therapy: str, place: Place, problems: Gathering) -> None:
    try:
        known_therapy(pack, therapy)
    except InputError as error:
        problems.found += [replace(problem, place=place) for problem in error.problems]


def _unmet(expect: Expectation, decision: Decision, pack: RulePack) -> Iterator[Problem]:
    if expect.intent and decision.intent != expect.intent:
        message = f"intent is {decision.intent or 'open'}, expected {expect.intent}"
        yield Problem(expect.place.at("intent"), CODE, message)
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
    if expect.decided and expect.decided != digest(record_of(decision)):
        message = "something is decided otherwise than when `decided` was written; see `txselect recommend`"
        hint = "`txselect diff` tells what an edit of the rules changed; `txselect test --margins` writes it anew"
        yield Problem(expect.place.at("decided"), CODE, message, hint)
    made = {assumption.id for assumption in decision.assumptions}
    for index, name in enumerate(expect.assumptions):
        if name not in made:
            place = expect.place.at("assumptions", index)
            yield Problem(place, CODE, f"`{name}` was not assumed, only {', '.join(sorted(made)) or 'nothing'}")


def _option(wanted: ExpectedOption, decision: Decision, pack: RulePack) -> Iterator[Problem]:
    option = decision.option(known_therapy(pack, wanted.therapy))
    status = option.status if option else "not_indicated"
    if status != wanted.status:
        message = f"`{wanted.therapy}` is {status}, expected {wanted.status}"
        yield Problem(wanted.place.at("status"), CODE, message)
    elif wanted.rank and (option is None or option.rank != wanted.rank):
        rank = option.rank if option else None
        message = f"`{wanted.therapy}` has {f'rank {rank}' if rank else 'no rank'}, expected {wanted.rank}"
        yield Problem(wanted.place.at("rank"), CODE, message)


def _mentions(flag: object, about: str) -> bool:
    return about.casefold() in str(flag).casefold()
