"""How options end when unknown things are found out: all that can be true, as functions of the results.

In a world each item that is told has a definite result, and everything else stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Literal

from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.inquiry.ask import theory_of_unknowns
from txselect.inquiry.conclusions import Body, Conclusions
from txselect.inquiry.cone import Cone, undecided_cone
from txselect.inquiry.diagrams import Diagrams, Function
from txselect.inquiry.items import Item, items_of
from txselect.inquiry.question import THERAPIES, Question
from txselect.inquiry.shown import ShownHistory
from txselect.inquiry.solver import Ground
from txselect.inquiry.theory import Theory, program_text
from txselect.inquiry.told import ToldHistory
from txselect.model.condition import Leaf, Listed
from txselect.model.vocabulary import Vocabulary
from txselect.pipeline import Rules
from txselect.program.horn import negative, opposite, positive
from txselect.program.observe import subject_of

_MANY_MARKERS = 6
"""From so many on, markers that are each asked with therapies of their own make diagrams grow beyond bounds."""

_SHORT = 3
"""Premises of a clause that asks for little more than a marker and a therapy."""

End = Literal["recommended", "off", "open"]


class FoundOut:
    """Everything unknown on which some options wait; options and items are numbered.

    items: what can be found out. questions: what is asked about the items.
    """

    def __init__(self, rules: Rules, reading: Reading, decision: Decision, therapies: Sequence[str]) -> None:
        nodes = [reading.program.options[therapy] for therapy in therapies]
        references = [(node.indicated, node.contraindicated) for node in nodes]
        cone = undecided_cone(reading, [reference for pair in references for reference in pair])
        theory, history = theory_of_unknowns(rules, reading, decision.jurisdiction, cone)
        self.questions: list[Question] = [*theory.questions, *history.questions]
        self.items: tuple[Item, ...] = items_of(self.questions)
        self._reading = reading
        self._diagrams = Diagrams()
        ground = Ground(theory.text() + program_text("unknowns"))
        variables = _variables(theory, history, ground, self._diagrams)
        self._results = _Results(theory, ground, variables, self._diagrams)
        self._history = ShownHistory(history, variables, self._diagrams)
        told, untold = self._conclusions(cone, history_told=True), self._conclusions(cone, history_told=False)
        self._ends = [self._ends_of(told, *pair) for pair in references]
        self._ends_before_history = [self._ends_of(untold, *pair) for pair in references]
        self._leaves = [cone.leaves_below(pair) for pair in references]
        self._asked = [self._asked_by(leaves.values()) for leaves in self._leaves]
        self._items_asked = [
            frozenset(number for number, item in enumerate(self.items) if not asked.isdisjoint(item.questions))
            for asked in self._asked
        ]

    def asked(self, option: int) -> frozenset[int]:
        """The items that an option's conditions ask about, and those of which a result can answer these."""
        return self._items_asked[option]

    def turns(self, option: int, items: frozenset[int]) -> bool:
        """Whether an option is recommended in one world and not in another that differs in these items only."""
        one, recommended, otherwise = self._all_told[option]
        those = self._diagrams.all_of(self._results_of(item, option) for item in items)
        return any((worlds.exists(those) & otherwise).satisfiable() for worlds in (one, recommended))

    @cached_property
    def _all_told(self) -> list[tuple[Function, Function, Function]]:
        """For each option the worlds with everything told in which it is recommended, and those in which it is not.

        Before them stands one in which it is: often that already shows what changing an item does, much sooner.
        """
        everything = frozenset(range(len(self.items)))
        options = range(len(self._ends))
        worlds = (self._told(option, everything) for option in options)
        recommended = (self._ends_when(option, everything)["recommended"] for option in options)
        both = [(where & end, where & ~end) for where, end in zip(worlds, recommended, strict=True)]
        return [(self._diagrams.one_of(those), those, otherwise) for those, otherwise in both]

    def ends(self, option: int, told: frozenset[int]) -> set[End]:
        """How an option can end when these items are told and nothing else."""
        worlds = self._told(option, told)
        ends: set[End] = set()
        for end, function in self._ends_when(option, told).items():
            if (worlds & function).satisfiable():
                ends.add(end)
                worlds = worlds & ~function
        return ends | ({"open"} if worlds.satisfiable() else set())

    def families(self, items: Iterable[int]) -> list[frozenset[int]]:
        """Items of which one says something about another together, others by themselves."""
        families: dict[str, set[int]] = {}
        for item in items:
            families.setdefault(self._families[item], set()).add(item)
        return [frozenset(family) for family in families.values()]

    @cached_property
    def _families(self) -> list[str]:
        vocabulary = self._reading.pack.vocabulary
        return [_family(item.key, vocabulary) for item in self.items]

    def _conclusions(self, cone: Cone, *, history_told: bool) -> Conclusions:
        """When the literals of a cone hold; an atom is one more than a literal, because 0 is none.

        While the history is not told, every condition about it that is open stays open.
        """
        rules: dict[int, list[Body]] = {}
        for clause in cone.clauses:
            rules.setdefault(clause.head + 1, []).append(tuple(premise + 1 for premise in clause.body))
        given = {literal + 1: function for literal, function in self._results.holding()}
        for node in self._history.nodes(cone.leaves) if history_told else ():
            given[positive(node) + 1], given[negative(node) + 1] = self._history.rails(node)
        return Conclusions(rules, given, self._diagrams)

    def _ends_of(self, concluded: Conclusions, indicated: int, contraindicated: int | None) -> dict[End, Function]:
        """An option is recommended where it is known to be indicated, and known not to be contraindicated.

        Where it is neither that nor off, it stays open.
        """
        wanted = [indicated, *([] if contraindicated is None else [opposite(contraindicated)])]
        undecided = [literal for literal in wanted if self._reading.truth(literal) is None]
        recommended = concluded.together(literal + 1 for literal in undecided)
        off = self._diagrams.any_of(concluded.of(opposite(literal) + 1) for literal in undecided)
        return {"recommended": recommended, "off": off}

    def _asked_by(self, leaves: Iterable[Leaf]) -> frozenset[int]:
        """The questions that leaves ask, and those that are linked with them."""
        vocabulary = self._reading.pack.vocabulary
        asked = [(_key(leaf), leaf.names if isinstance(leaf, Listed) else None) for leaf in leaves]
        families = {_family(key, vocabulary) for key, _ in asked}
        named = {(key, name) for key, names in asked if names for name in names}
        return frozenset(
            number
            for item, family in zip(self.items, self._families, strict=True)
            for number in item.questions
            if (item.key, self.questions[number].name) in named
            or (not item.key.startswith("list ") and family in families)
        )

    def _told(self, option: int, told: frozenset[int]) -> Function:
        """The worlds in which these items are told, as far as they concern an option."""
        asked = self._asked[option]
        questions = frozenset(q for item in told for q in self.items[item].questions if q in asked)
        worlds = self._results.worlds(questions, asked)
        if self._tells_of_history(option, told):
            return worlds & self._history.told(self._history.nodes(self._leaves[option]))
        return worlds

    def _ends_when(self, option: int, told: frozenset[int]) -> dict[End, Function]:
        return (self._ends if self._tells_of_history(option, told) else self._ends_before_history)[option]

    def _tells_of_history(self, option: int, told: frozenset[int]) -> bool:
        return any(self.items[item].key == THERAPIES for item in told & self.asked(option))

    def _results_of(self, item: int, option: int) -> Function:
        """All that an item can turn out to be as far as it concerns an option, as one product of variables."""
        results = self._results_of_items[item]
        return self._history.variables(self._history.nodes(self._leaves[option])) if results is None else results

    @cached_property
    def _results_of_items(self) -> list[Function | None]:
        """For each item all that it can turn out to be; none for the history, of which each option sees its part."""
        return [
            None if item.key == THERAPIES else self._diagrams.all_of(map(self._results.variables, item.questions))
            for item in self.items
        ]


class _Results:
    """A theory's answers as variables."""

    def __init__(self, theory: Theory, ground: Ground, variables: Mapping[int, Function], diagrams: Diagrams) -> None:
        """`variables`: that of each atom that can be chosen, under minus its number."""
        self._diagrams = diagrams
        self._ground = ground
        rules, given = dict(self._ground.rules), {}
        for free, (atom, body) in enumerate(self._ground.choices.items(), self._ground.most + 1):
            rules[atom] = [*rules.get(atom, ()), (free, *body)]
            given[free] = variables[-atom]
        self._concluded = Conclusions(rules, given, diagrams)
        answers: list[list[Function]] = [[] for _ in theory.questions]
        for answer, atom in self._ground.atoms("does").items():
            answers[theory.asked_by[answer]].append(variables[-atom])
        self._answers = [diagrams.all_of(those) for those in answers]
        self._answered = {number: diagrams.any_of(those) for number, those in reversed([*enumerate(answers)])}
        self._frames: dict[frozenset[int], Function] = {}
        self._possible = ~diagrams.any_of(map(self._concluded.together, self._ground.constraints))

    def holding(self) -> Iterator[tuple[int, Function]]:
        """The literals of the program that answers make hold, and when."""
        return ((literal, self._concluded.of(atom)) for literal, atom in self._ground.atoms("holds").items())

    def worlds(self, questions: frozenset[int], among: frozenset[int]) -> Function:
        """What can be true when these questions are answered and no others are, be they among these or not."""
        if among not in self._frames:
            unasked = (~answered for number, answered in self._answered.items() if number not in among)
            self._frames[among] = self._diagrams.all_of(unasked) & self._possible
        asked = ((number, answered) for number, answered in self._answered.items() if number in among)
        told = (answered if number in questions else ~answered for number, answered in asked)
        return self._diagrams.all_of(told) & self._frames[among]

    def variables(self, question: int) -> Function:
        """The answers to a question as one product."""
        return self._answers[question]


def _variables(theory: Theory, history: ToldHistory, ground: Ground, diagrams: Diagrams) -> dict[int, Function]:
    """A variable for each answer (minus its atom) and two for each condition about the history (its literals): that a
    therapy meets it, and that one may. Where these are the same, one does for both.

    What decides together is to stand together: after the answers about a marker come the conditions about therapies
    that some clause asks for with it. Of the others those come first that most therapies concern.
    """
    atoms = ground.atoms("does")
    partners = _partners(theory.cone)
    left = {
        node: (positive(node),) if history.is_certain(node) else (positive(node), negative(node))
        for node in _most_concerned_first(history)
    }
    certain = [node for node, literals in left.items() if len(literals) == 1]
    order: list[int] = []
    for number, question in enumerate(theory.questions):
        order += [-atom for answer, atom in atoms.items() if theory.asked_by[answer] == number]
        for node in [node for node in left if partners.get(node) == question.key]:
            order += left.pop(node)
    order += chain.from_iterable(left.values())
    order += [-atom for atom in ground.choices if atom not in atoms.values()]
    variables = dict(zip(order, diagrams.variables(len(order)), strict=True))
    return variables | {negative(node): variables[positive(node)] for node in certain}


def _most_concerned_first(history: ToldHistory) -> list[int]:
    """The conditions about a history, as many therapies as concern them."""
    concerned = {
        node: sum(bool(marks & history.marks(node)[1]) for marks in history.marks_of_parts)
        for node in history.courses.leaves
    }
    return [*sorted(concerned, key=concerned.__getitem__, reverse=True), *history.courses.counted]


def _partners(cone: Cone) -> dict[int, str]:
    """For a condition about the history (by its node) the marker that short clauses ask for with it, most of all.

    Only where many markers have such conditions: diagrams of their alternatives would double with each.
    """
    found: dict[int, Counter[str]] = {}
    keys = cone.below({node: _key(leaf) for node, leaf in cone.leaves.items()})
    for clause in (clause for clause in cone.clauses if len(clause.body) <= _SHORT):
        asked = {premise // 2: keys[premise // 2] for premise in clause.body}
        markers = {key for key, *more in asked.values() if not more and key.startswith("marker ")}
        if markers:
            about_history = [positive(node) for node, below in asked.items() if below == {THERAPIES}]
            for leaf in cone.leaves_below(about_history):
                found.setdefault(leaf, Counter()).update(markers)
    partners = {node: counted.most_common(1)[0][0] for node, counted in found.items() if counted}
    return partners if len(set(partners.values())) >= _MANY_MARKERS else {}


def _key(leaf: Leaf) -> str:
    subject = subject_of(leaf)
    return THERAPIES if subject in ("prior therapies", "field prior_lines") else subject


def _family(key: str, vocabulary: Vocabulary) -> str:
    """What is linked: markers of one family, and sex with the limits of normal that depend on it."""
    kind, _, name = key.partition(" ")
    if kind == "marker":
        return f"family {vocabulary.marker_families[name]}"
    if kind == "measurement":
        entry = vocabulary.measurements[name]
        by_sex = isinstance(entry.lower_limit, dict) or isinstance(entry.upper_limit, dict)
        return "field sex" if by_sex else key
    return key
