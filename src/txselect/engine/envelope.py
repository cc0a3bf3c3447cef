"""A Horn program laid out so that durable-rules 2.0.28 evaluates it exactly, or refused.

The library is exact on ground positive clauses over integer atoms, within limits of its own that it does not check
(`durable-rules.md`: it loses facts, invents firings or corrupts memory beyond them). This module turns a program
into a `Layout` inside those limits. It is pure Python and knows the library only by its limits; the numbers r01 to
r25 name the script that shows the fault which a limit keeps away.

What happens to a program on the way, none of it visible in a valuation:

- clauses with one body become one rule with several outcomes (the library's cost grows with rules and conjuncts);
- a body over 15 conjuncts is split by auxiliary literals (r10: 16 places in a frame);
- each literal becomes one or more atoms, none used more than 60 times (r07: 255 uses, r09: 64 matches);
- an atom is a pair of field names, so that no node of the library's network has many branches (r08: 511 loops);
- every name that the library hashes to 32 bits is proven to have a hash of its own (r02, r03, r03b).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isqrt

from txselect.program.horn import HornProgram

MOST_RULES = 3_500
"""In a rule set; the library ends at 4,096. Clauses with one body are one rule, so that a program may have more."""
MOST_PREMISES = 15
"""In the body of a rule."""
MOST_USES = 60
"""Of one atom."""
MOST_BRANCHES = 500
"""At a node, which is field names at either of the two levels."""
MOST_CONJUNCTS = 24_000
"""In a rule set. Each takes about 10 kB in every session, so this is a bound on memory, not on correctness."""

SESSION = "s"
"""The one session id: ids with equal hashes would be one session, and the 1,025th session crashes (r03, r04)."""
PRIMER = "0"
"""The rule that fires first in every session."""
NO_CLAUSE = -1
"""Stands where an outcome has no clause: the literal is auxiliary."""

_RESERVED = (
    *("id", "sid", "$s", "$m", SESSION, f"sid-{SESSION}"),
    *("all", "any", "pri", "count", "cap", "dist", "name", "$and", "$or", "$ex", "$nex", "$forward"),
    *("$eq", "$neq", "$lt", "$lte", "$gt", "$gte", "$mt", "$imt", "$iall", "$iany"),
    *("$add", "$sub", "$mul", "$div", "$l", "$r", "$i"),
)
_ALIASES = tuple(f"c{place}" for place in range(MOST_PREMISES))


class EnvelopeError(Exception):
    """A program that durable-rules cannot be trusted with; `literals` are those at fault, where some are."""

    def __init__(self, message: str, *literals: int) -> None:
        super().__init__(message)
        self.literals = literals


@dataclass(frozen=True, slots=True)
class Rule:
    """When every literal of `body` holds, each (literal, clause number or `NO_CLAUSE`) of `outcomes` follows."""

    body: tuple[int, ...]
    outcomes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """What the driver of the library needs, all text prepared.

    definition: the rule set as JSON text.
    outcomes: by rule name, what follows when it fires.
    messages: by literal, the JSON texts that assert it; none for a literal that no body names.
    primer: the message that makes the primer rule fire, which has no outcomes.
    literals: how many there are, the auxiliary ones included.
    """

    definition: str
    outcomes: dict[str, tuple[tuple[int, int], ...]]
    messages: tuple[tuple[str, ...], ...]
    primer: str
    literals: int


def lay_out(program: HornProgram) -> Layout:
    """Raises `EnvelopeError` for a program over the limits.

    >>> from txselect.program.horn import Clause
    >>> layout = lay_out(HornProgram(nodes=2, clauses=(Clause(head=2, body=(0,)),)))
    >>> layout.messages[0]
    ('{"sid":"s","id":"1","a0":1,"b1":1}',)
    >>> layout.definition
    '{"0":{"all":[{"c0":{"$and":[{"a0":1},{"b0":1}]}}]},"1":{"all":[{"c0":{"$and":[{"a0":1},{"b1":1}]}}]}}'
    >>> layout.outcomes
    {'0': (), '1': ((2, 0),)}
    """
    literals, rules = _split_long_bodies(2 * program.nodes, _share_bodies(program))
    _refuse_over("rules", len(rules), MOST_RULES)
    _refuse_over("conjuncts", sum(len(rule.body) for rule in rules), MOST_CONJUNCTS)
    atoms, uses = _assign_atoms(literals, rules)
    names = _atom_names(1 + sum(map(len, atoms)))
    _prove_hashes_distinct([*_RESERVED, *_ALIASES, *_distinct_parts(names), *map(str, range(len(names)))])
    return Layout(
        definition=_definition(names, uses),
        outcomes={str(number): rule.outcomes for number, rule in enumerate([Rule((), ()), *rules])},
        messages=tuple(tuple(_message(names, atom) for atom in copies) for copies in atoms),
        primer=_message(names, 0),
        literals=literals,
    )


def _refuse_over(what: str, count: int, most: int) -> None:
    if count > most:
        raise EnvelopeError(f"{count} {what}, and durable-rules is trusted with {most}; narrow the scope or use linear")


def _share_bodies(program: HornProgram) -> list[Rule]:
    """One rule for each distinct body. A clause whose head is among its premises adds nothing and is left out."""
    by_body: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for number, clause in enumerate(program.clauses):
        if clause.head not in clause.body:
            by_body.setdefault(tuple(sorted(set(clause.body))), []).append((clause.head, number))
    return [Rule(body, tuple(outcomes)) for body, outcomes in by_body.items()]


def _split_long_bodies(literals: int, rules: Iterable[Rule]) -> tuple[int, list[Rule]]:
    """The rules with every body short, and the number of literals with the auxiliary ones that this took."""
    short: list[Rule] = []
    for rule in rules:
        body = rule.body
        while len(body) > MOST_PREMISES:
            short.append(Rule(body[:MOST_PREMISES], ((literals, NO_CLAUSE),)))
            body = (literals, *body[MOST_PREMISES:])
            literals += 1
        short.append(Rule(body, rule.outcomes))
    return literals, short


def _assign_atoms(literals: int, rules: Iterable[Rule]) -> tuple[list[list[int]], list[list[int]]]:
    """For each literal its atoms, and for each rule the atoms that stand for its body. Atom 0 is the primer's."""
    atoms: list[list[int]] = [[] for _ in range(literals)]
    used = [0] * literals
    uses: list[list[int]] = []
    count = 1
    for rule in rules:
        for literal in rule.body:
            if used[literal] % MOST_USES == 0:
                atoms[literal].append(count)
                count += 1
            used[literal] += 1
        uses.append([atoms[literal][-1] for literal in rule.body])
    return atoms, uses


def _atom_names(count: int) -> list[tuple[str, str]]:
    """A pair of field names for each atom, in as few names at either level as there can be."""
    width = isqrt(count - 1) + 1
    if width > MOST_BRANCHES:
        raise EnvelopeError(f"{count} atoms need {width} branches at a node; the most is {MOST_BRANCHES}")
    return [(f"a{atom // width}", f"b{atom % width}") for atom in range(count)]


def _distinct_parts(names: Iterable[tuple[str, str]]) -> Iterator[str]:
    return iter(dict.fromkeys(part for pair in names for part in pair))


def _definition(names: list[tuple[str, str]], uses: Iterable[list[int]]) -> str:
    """The rule set: rule 0 is the primer, and rule n + 1 waits for the atoms of `uses[n]`."""
    conditions = [f'{{"$and":[{{"{high}":1}},{{"{low}":1}}]}}' for high, low in names]
    rules: list[str] = []
    for number, atoms in enumerate([[0], *uses]):
        body = ",".join(f'{{"{alias}":{conditions[atom]}}}' for alias, atom in zip(_ALIASES, atoms, strict=False))
        rules.append(f'"{number}":{{"all":[{body}]}}')
    return "{" + ",".join(rules) + "}"


def _message(names: list[tuple[str, str]], atom: int) -> str:
    high, low = names[atom]
    return f'{{"sid":"{SESSION}","id":"{atom}","{high}":1,"{low}":1}}'


def _prove_hashes_distinct(names: Iterable[str]) -> None:
    """All names that the library hashes, message ids too, in one set: it compares hashes and never the names."""
    owner: dict[int, str] = {0: "no name"}  # zero marks an empty place in its tables
    for name in names:
        first = owner.setdefault(hash_of(name), name)
        if first != name:
            raise EnvelopeError(f"durable-rules cannot tell `{name}` from `{first}`: their hashes are equal")


def hash_of(name: str) -> int:
    """The 32-bit FNV-1a hash of an ASCII name (Fowler, Noll and Vo).

    >>> hex(hash_of("a"))
    '0xe40c292c'
    """
    value = 2166136261
    for byte in name.encode("ascii"):
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value
