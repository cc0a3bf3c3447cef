"""Small random rule packs about one therapy, whose conditions meet in few leaves."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hypothesis import strategies as st

from laws.strategies import (
    FAVOURITES,
    LEAVES,
    leaves_of_fields,
    leaves_of_lists,
    leaves_of_markers,
    leaves_of_measurements,
    leaves_of_therapies,
    pack_with,
)
from txselect.model.condition import All, AnyOf, AtLeast, Condition, FieldIs, FieldMeasures, Not
from txselect.model.rules import Contraindicate, Head, Recommend, Rule
from txselect.pipeline import Rules

THERAPY = "beam"
"""A class that no loader adds a rule for: having failed before is no matter."""
SEX_AND_LIMITS = [*leaves_of_measurements(), FieldIs("sex", ("male",)), FieldIs("sex", ("female",))]
LINES = [leaf for leaf in leaves_of_fields() if isinstance(leaf, FieldMeasures) and leaf.name == "prior_lines"]
GROUPS: tuple[tuple[Any, ...], ...] = (
    tuple(leaves_of_markers()),
    (*leaves_of_therapies(), *LINES),
    tuple(leaves_of_lists()),
    tuple(leaves_of_fields()),
    tuple(SEX_AND_LIMITS),
    FAVOURITES,
    LEAVES,
)
"""Leaves of one kind have most to do with each other."""


@dataclass(frozen=True)
class Pack:
    """Rules for one therapy, and perhaps against it."""

    indicated: Condition
    contraindicated: Condition | None = None

    @cached_property
    def rules(self) -> Rules:
        made = [_rule("for", Recommend(THERAPY, (), "preferred"), self.indicated)]
        if self.contraindicated is not None:
            made.append(_rule("against", Contraindicate((THERAPY,), "absolute", "safety"), self.contraindicated))
        return Rules(pack_with(made))


def _rule(name: str, head: Head, when: Condition) -> Rule:
    return Rule(
        id=f"beam.{name}",
        title=name,
        head=head,
        when=when,
        unless=(),
        because="-",
        applies_to=(),
        jurisdiction=(),
        valid_from=None,
        valid_until=None,
        evidence=("source_phase_3",) if isinstance(head, Recommend) else (),
    )


@st.composite
def packs(draw: st.DrawFn, most: int = 6) -> Pack:
    """A pack with at most so many leaves."""
    group = draw(st.sampled_from(GROUPS))
    leaves = draw(st.lists(st.sampled_from(group), min_size=1, max_size=most))
    against = leaves[: draw(st.integers(0, len(leaves) - 1))]
    return Pack(draw(joined(leaves[len(against) :])), draw(joined(against)) if against else None)


@st.composite
def joined(draw: st.DrawFn, leaves: list[Any]) -> Condition:
    """All of the leaves in one condition of two storeys."""
    parts = [Not(leaf) if draw(st.integers(0, 3)) == 0 else leaf for leaf in leaves]
    cut = draw(st.integers(0, len(parts) - 1))
    storey = draw(together(parts[cut:]))
    return draw(together([*parts[:cut], storey]))


@st.composite
def together(draw: st.DrawFn, parts: list[Condition]) -> Condition:
    match draw(st.integers(0, 4)):
        case 0 | 1:
            return All(tuple(parts))
        case 2 | 3:
            return AnyOf(tuple(parts))
        case _:
            return AtLeast(draw(st.integers(1, len(parts))), tuple(parts))
