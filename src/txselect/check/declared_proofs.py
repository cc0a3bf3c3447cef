"""What a pack claims of all patients, proved or refuted by one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from txselect.check.finding import Finding
from txselect.check.goals import Goals, Part, does_not_fail, fails, holds, lacks
from txselect.check.space import Search, Space
from txselect.inquiry.cone import cone_of
from txselect.model.rules import Expected, Invariant, RulePack, Scope
from txselect.program.program import OptionNodes

Claim = Scope | Invariant
_EXPECTED: dict[Expected, str] = {"an_option": "is offered nothing", "a_recommendation": "is recommended nothing"}


class DeclaredProofs:
    """Proofs of the scopes and invariants of a pack."""

    def __init__(self, pack: RulePack, space: Space | None = None, whom: Iterable[int] = ()) -> None:
        """`space`: one that has the conditions of the claims, with their references in `whom`."""
        self.pack = pack
        self._claims = {claim.id: claim for claim in pack.declared.claims}
        self.space = space or Space(pack, (claim.when for claim in self._claims.values()))
        self._when = dict(zip(self._claims, whom if space else self.space.program.beside, strict=False))

    @property
    def ids(self) -> tuple[str, ...]:
        """The claims, by id."""
        return tuple(self._claims)

    def of(self, claim_id: str) -> list[Finding]:
        """The patient who refutes a claim, or nothing; a claim about nobody is found as well."""
        return dict(self.of_several([claim_id]))[claim_id]

    def of_several(self, claim_ids: Iterable[str]) -> Iterator[tuple[str, list[Finding]]]:
        """The same for several claims, which is faster: most rest on all rules, which are set up once."""
        goals = Goals()
        asked = {name: self._asked(self._claims[name], goals) for name in claim_ids}
        search = self.space.looking_for(goals)
        for name, (somebody, refuted) in asked.items():
            yield name, list(self._found(self._claims[name], search, somebody, refuted))

    def _asked(self, claim: Claim, goals: Goals) -> tuple[int, int]:
        """Among the goals somebody whom a claim is about, and one who refutes it."""
        somebody = goals.add((holds(self._when[claim.id]),))
        if isinstance(claim, Scope):
            return somebody, self._refuting_scope(claim, goals)
        return somebody, self._refuting(claim, goals)

    def _found(self, claim: Claim, search: Search, somebody: int, refuted: int) -> Iterator[Finding]:
        code = "TX204" if isinstance(claim, Scope) else "TX205"
        if not search.is_possible(somebody):
            hint = "no patient meets its condition, so that it claims nothing"
            yield Finding(code, claim.place, f"`{claim.id}` is about nobody", hint, claim.id)
        elif (witness := search.patient(refuted)) is not None:
            yield Finding(code, claim.place, self._says(claim), claim.because, claim.id, witness)

    def rests_on(self, claim_id: str) -> set[str]:
        """The rules (by id) on which the proof of a claim rests."""
        goals = Goals()
        self._asked(self._claims[claim_id], goals)
        cone = cone_of(self.space.program, goals.references)
        reached = {clause.head // 2 for clause in cone.clauses} | cone.leaves.keys()
        return {rule for rule, reference in self.space.program.rules.items() if reference // 2 in reached}

    def _says(self, claim: Claim) -> str:
        if isinstance(claim, Scope):
            return f"a patient within `{claim.id}` {_EXPECTED[claim.expects]}"
        word, what = claim.claim.split()
        label = self.pack.vocabulary.therapies[claim.therapy].label
        return (
            f"`{claim.id}` does not hold: {label} {'is' if word == 'never' else 'is not'} {what} in the patient below"
        )

    def _refuting_scope(self, scope: Scope, goals: Goals) -> int:
        """A patient within the scope with none of the options."""
        gone = _not_offered if scope.expects == "an_option" else _not_recommended
        nothing = [goals.one_of(gone(option)) for option in self.space.program.options.values()]
        return goals.add((holds(self._when[scope.id]), *nothing))

    def _refuting(self, invariant: Invariant, goals: Goals) -> int:
        """A patient who meets the condition and not the claim, for some kind of the class."""
        when = holds(self._when[invariant.id])
        kinds = self.pack.vocabulary.therapy_kinds.below(invariant.therapy)
        options = [option for name in kinds if (option := self.space.program.options.get(name))]
        return goals.add(*((when, *self._against(invariant, option)) for option in options))

    def _against(self, invariant: Invariant, option: OptionNodes) -> Iterable[Part]:
        match invariant.claim:
            case "never recommended":
                return _recommended(option)
            case "always warned":
                warnings = (self.space.program.rules[concern.rule] for concern in option.concerns)
                return (*_offered(option), *map(lacks, warnings))
            case _:
                return _offered(option)


def _recommended(option: OptionNodes) -> Iterator[Part]:
    yield holds(option.indicated)
    if option.contraindicated is not None:
        yield fails(option.contraindicated)


def _offered(option: OptionNodes) -> Iterator[Part]:
    yield does_not_fail(option.indicated)
    if option.contraindicated is not None:
        yield lacks(option.contraindicated)


def _not_offered(option: OptionNodes) -> Iterator[Part]:
    yield fails(option.indicated)
    if option.contraindicated is not None:
        yield holds(option.contraindicated)


def _not_recommended(option: OptionNodes) -> Iterator[Part]:
    yield lacks(option.indicated)
    if option.contraindicated is not None:
        yield does_not_fail(option.contraindicated)
