"""What can be seen of a rule set at a glance: each finding has a code of `docs/checks.md` and the place to mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from txselect.check.finding import Finding
from txselect.check.lint_cases import cases_in_order
from txselect.check.lint_conditions import forms_of_conditions
from txselect.check.lint_exclusive import exclusive_conditions
from txselect.check.lint_lists import lists_of_names
from txselect.check.lint_ranges import fitting_ranges
from txselect.check.lint_reading import Reads
from txselect.check.lint_regimens import regimens
from txselect.check.lint_texts import texts
from txselect.check.lint_twins import twins
from txselect.check.lint_unused import unused_words
from txselect.check.lint_upkeep import upkeep
from txselect.model.profile import Case
from txselect.model.rules import RulePack


def lint(pack: RulePack, day: date, cases: Iterable[Case] = ()) -> list[Finding]:
    """Every finding of the codes TX101 to TX125, in the order of the files.

    pack: as `read_pack` gives it; one from the cache has lost the places of single keys.
    day: review dates and ends of validity are held against it.
    cases: the cases that come with the rules, where there are any: what they name is used.
    """
    return sorted(_found(Reads(pack), day, tuple(cases)), key=lambda finding: (finding.place, finding.code))


def _found(reads: Reads, day: date, cases: tuple[Case, ...]) -> Iterator[Finding]:
    yield from unused_words(reads, cases)
    yield from regimens(reads)
    yield from upkeep(reads, day)
    yield from texts(reads)
    yield from twins(reads)
    yield from forms_of_conditions(reads)
    yield from lists_of_names(reads)
    yield from exclusive_conditions(reads)
    yield from fitting_ranges(reads)
    yield from cases_in_order(cases)
