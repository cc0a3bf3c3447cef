"""Questions about listed terms: metastatic sites, comorbidities, findings, histology, drugs, wishes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from txselect.inquiry.question import Answer, Question
from txselect.inquiry.scene import Scene
from txselect.inquiry.theory import Theory, quoted
from txselect.model.change import COMPLETE, Change
from txselect.model.condition import Listed
from txselect.model.patient import Listing
from txselect.model.profile import LIST_NAMES

_STATES = {True: "present", False: "absent", None: "unknown"}
_TRUTHS = {state: truth for truth, state in _STATES.items()}
_FIXED = frozenset({"histology"})
LIST_WORDS = {
    "site": "metastatic sites",
    "comorbidity": "comorbidities",
    "finding": "findings",
    "histology": "histological features",
    "drug": "concomitant drugs",
    "preference": "wishes",
}


def ask_lists(scene: Scene, theory: Theory) -> None:
    """Add what the profile's lists say, and a question for each term that a leaf of the cone names."""
    asked: dict[str, dict[str, list[int]]] = {}
    for number, leaf in scene.cone.leaves.items():
        if isinstance(leaf, Listed):
            theory.fact("list_leaf", number)
            for name in leaf.names:
                theory.fact("names", number, leaf.kind, quoted(name))
                asked.setdefault(leaf.kind, {}).setdefault(name, []).append(number)
    for kind, names in asked.items():
        listing = scene.patient.listings.get(kind, Listing({}, complete=False))
        _say_what_is_listed(scene, theory, kind, listing)
        stated = _stated(scene, kind)
        for name in names:
            theory.fact("asked", kind, quoted(name))
            for other in sorted(scene.vocabulary.term_kinds[kind].related(name)):
                _order(scene, theory, kind, name, other)
            _ask(scene, theory, kind, name, listing, stated)


def _say_what_is_listed(scene: Scene, theory: Theory, kind: str, listing: Listing) -> None:
    if not listing.complete:
        theory.fact("incomplete", kind)
        _ask_whether_complete(scene, theory, kind)
    for term, state in listing.states.items():
        theory.fact("listed", kind, quoted(term), _STATES[state])


def _ask_whether_complete(scene: Scene, theory: Theory, kind: str) -> None:
    """Unless it lists what no rule knows, which keeps it open whatever it is called."""
    terms = scene.patient.profile.term_list(kind)
    stated = terms is not None
    if terms and not all(scene.vocabulary.term_names[kind].find(item.name) for item in terms.items):
        return
    name = LIST_NAMES[kind]
    says = f"no {LIST_WORDS[kind]} other than those named"
    now = "others are not ruled out" if stated else "not stated"
    question = Question(LIST_WORDS[kind], now, False, False, f"list {kind}", (Answer(Change(name, COMPLETE), says),))
    _, answers = theory.ask(question)
    theory.fact("completes", answers[0], kind)


def _order(scene: Scene, theory: Theory, kind: str, name: str, other: str) -> None:
    kinds = scene.vocabulary.term_kinds[kind]
    if name in kinds.above(other):
        theory.fact("under", kind, quoted(other), quoted(name))
    if other != name and other in kinds.above(name):
        theory.fact("under", kind, quoted(name), quoted(other))


def _ask(
    scene: Scene, theory: Theory, kind: str, name: str, listing: Listing, stated: Mapping[str, frozenset[bool | None]]
) -> None:
    leaf = Listed(kind, (name,))
    path = f"{LIST_NAMES[kind]}.{name}"
    present, absent = scene.words.condition(leaf), scene.words.opposite(leaf)
    known = _known(scene, kind, name, listing)
    question = Question(
        about=scene.words.missing(leaf),
        now=scene.now(leaf, known=known),
        known=known,
        fixed=known and kind in _FIXED,
        key=f"list {kind}",
        answers=(
            Answer(Change(path, "present"), present),
            Answer(Change(path, "absent"), absent),
            *([Answer(Change(path, "unknown"), f"not known whether {present}")] if scene.everything else []),
        ),
        name=name,
    )
    _, answers = theory.ask(question)
    for answer, state in zip(answers, (True, False, None), strict=False):
        theory.fact("lists", answer, kind, quoted(name), _STATES[state])
        for other, left in _set_aside(scene, kind, name, state is True, stated):
            theory.fact("unlists", answer, kind, quoted(other))
            if left:
                theory.fact(
                    "leaves", answer, kind, quoted(other), _STATES[next(iter(left)) if len(left) == 1 else None]
                )


def _known(scene: Scene, kind: str, name: str, listing: Listing) -> bool:
    kinds = scene.vocabulary.term_kinds[kind]
    states = listing.states
    below = any(state and name in kinds.above(other) for other, state in states.items())
    above = any(state is False and other in kinds.above(name) for other, state in states.items())
    left_open = any(state is not False and other in kinds.above(name) for other, state in states.items())
    return below or above or (listing.complete and not left_open)


def _set_aside(
    scene: Scene, kind: str, name: str, present: bool, stated: Mapping[str, frozenset[bool | None]]
) -> Iterator[tuple[str, frozenset[bool | None]]]:
    """The listed terms of which an answer takes something back, its own and what it contradicts, and what is left."""
    kinds = scene.vocabulary.term_kinds[kind]
    for other, states in stated.items():
        related = other in kinds.above(name) if present else name in kinds.above(other)
        if other == name:
            yield other, frozenset()
        elif related and (not present) in states:
            yield other, states - {not present}


def _stated(scene: Scene, kind: str) -> dict[str, frozenset[bool | None]]:
    """For each listed term all that is said of it, which may be that it is present and that it is absent."""
    terms, found = scene.patient.profile.term_list(kind), dict[str, frozenset[bool | None]]()
    for item in terms.items if terms else ():
        term = scene.vocabulary.term_names[kind].find(item.name)
        if term is not None:
            found[term] = found.get(term, frozenset()) | {_TRUTHS[item.state]}
    return found
