"""What a pack claims of all patients: its scopes and invariants, with names looked up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from txselect.errors import Gathering
from txselect.language.conditions import ConditionReader
from txselect.language.rule_forms import ChecksForm, InvariantForm, PackFile
from txselect.language.vocabulary import merged
from txselect.model.rules import Declared, Invariant, Scope
from txselect.model.vocabulary import Vocabulary


def read_declared(forms: Sequence[PackFile], vocabulary: Vocabulary, problems: Gathering) -> Declared:
    """The claims of all files. Problems are added and reading goes on."""
    checks = [form.checks for form in forms if form.checks]
    conditions = ConditionReader(vocabulary, problems)
    claims = [claim for check in checks for claim in _claims(check)]
    merged("check", claims, lambda claim: claim.id, problems)
    scopes = (
        Scope(scope.id, conditions.read(scope.when), scope.expects, " ".join(scope.because.split()), scope.place)
        for check in checks
        for scope in check.scopes
    )
    invariants = (_invariant(form, conditions, vocabulary) for check in checks for form in check.invariants)
    return Declared(tuple(scopes), tuple(invariants), tuple(kept for check in checks for kept in check.reviewed))


def _claims(check: ChecksForm) -> Iterator[Any]:
    yield from check.scopes
    yield from check.invariants


def _invariant(form: InvariantForm, conditions: ConditionReader, vocabulary: Vocabulary) -> Invariant:
    ((claim, therapy, place),) = form.claims()
    conditions.known("therapy class", therapy, vocabulary.therapies, place)
    because = " ".join(form.because.split())
    return Invariant(form.id, conditions.read(form.when), claim, therapy, because, form.place)
