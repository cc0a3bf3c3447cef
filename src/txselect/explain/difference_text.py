"""A difference between two decisions, as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from txselect.decision.wording import counted, first_few, joined, spaced
from txselect.explain.difference import Detail, Difference, FlagChange, IntentChange, Kind, Offer, OptionChange, Passed
from txselect.explain.lines import SIGNS, Line, Mark
from txselect.explain.rule_effects import RuleEffect, Turned
from txselect.explain.text import FLAG_TITLES, STATUS_WORDS

_MARKS: dict[bool | None, Mark] = {True: "met", False: "failed", None: "unknown"}
_TURNS = {True: "now met", False: "now not met", None: "now unknown"}
_DOES = {
    ("for", "holds"): "now recommends it",
    ("for", "fails"): "no longer recommends it",
    ("for", "open"): "may now recommend it",
    ("against", "holds"): "now excludes it",
    ("against", "fails"): "no longer stands against it",
    ("against", "open"): "may now exclude it",
    ("caution", "holds"): "now calls for care",
    ("caution", "fails"): "no longer calls for care",
    ("caution", "open"): "may now call for care",
    ("other", "holds"): "now holds",
    ("other", "fails"): "no longer holds",
    ("other", "open"): "is now open",
}


_VERBS: dict[Kind, tuple[str, str]] = {
    "appeared": ("is now offered", "are now offered"),
    "vanished": ("is no longer offered", "are no longer offered"),
    "status": ("has another status", "have another status"),
    "moved": ("stands in another order", "stand in another order"),
    "details": ("differs in what is said of it", "differ in what is said of them"),
}
_SIGNS: dict[Kind, Mark] = {
    "appeared": "gained",
    "vanished": "lost",
    "status": "moved",
    "moved": "moved",
    "details": "note",
    "reason": "note",
}
_MOST_NAMED = 5
_SAID_BY_RULES = ("why", "experts differ", "evidence", "caution")


def summary(difference: Difference) -> str:
    """What differs, in one sentence."""
    if difference.is_empty:
        return "Nothing differs: the decision is the same."
    counts = Counter(change.kind for change in difference.options)
    numbers = [(counts[kind], verbs) for kind, verbs in _VERBS.items() if counts[kind]]
    numbers += [(difference.same, ("is offered as before", "are offered as before"))]
    told = (f"{number or 'none'} {one if number < 2 else many}" for number, (one, many) in numbers)
    return f"Of the options, {joined(told, 'and')}."


def difference_lines(difference: Difference) -> tuple[Line, ...]:
    """What appeared, vanished, changed and moved, each with the rules that did it; then the case as a whole."""
    order = tuple(_SIGNS)
    return (
        *map(_option, sorted(difference.options, key=lambda change: order.index(change.kind))),
        *([_intent(difference.intent)] if difference.intent else ()),
        *map(_flag, difference.flags),
        *(Line("gained", f"now assumed: {assumption.text}") for assumption in difference.assumptions_came),
        *(Line("lost", f"no longer assumed: {assumption.text}") for assumption in difference.assumptions_went),
    )


def short_line(title: str, difference: Difference) -> Line:
    """A difference in one line, with the rules that did it below; those that were edited alone where there are any."""
    told = [change for change in difference.options if change.kind != "details"]
    options = first_few((f"{SIGNS[_SIGNS[change.kind]]} {change.label}" for change in told), _MOST_NAMED)
    if more := len(difference.options) - len(told):
        options.append(f"{'more' if told else 'something else'} is said of {counted(more, 'option')}")
    others = [f"{SIGNS['gained' if change.came else 'lost']} {change.flag.text}" for change in difference.flags]
    others += ["intent"] if difference.intent else []
    others += ["what is assumed"] if difference.assumptions_came or difference.assumptions_went else []
    groups = (*(change.rules for change in difference.options), *(change.rules for change in difference.flags))
    effects = {effect.rule: effect for group in groups for effect in group}
    edited = [effect for effect in effects.values() if effect.edit] or list(effects.values())
    rules = tuple(Line("note", effect.title, _edit_words(effect), rule=effect.rule) for effect in edited)
    return Line("moved", title, ", ".join((*options, *others)), parts=rules)


def _option(change: OptionChange) -> Line:
    passed = tuple(map(_passed, change.passed))
    details = tuple(_detail(detail) for detail in change.details if _is_told(detail, change))
    rules = tuple(map(rule_line, change.rules))
    return Line(_SIGNS[change.kind], change.label, _standing(change), parts=(*passed, *details, *rules))


def _passed(passed: Passed) -> Line:
    others = joined(first_few(passed.others, _MOST_NAMED), "and")
    return Line("note", f"now {passed.order} {others}", passed.because)


def _standing(change: OptionChange) -> str:
    if change.kind == "details":
        return "offered as before" if change.after.rank else "excluded as before"
    if change.kind == "moved":
        return f"rank {change.after.rank}; before rank {change.before.rank}"
    return f"{_offer_text(change.after)}; before {_offer_text(change.before)}"


def _is_told(detail: Detail, change: OptionChange) -> bool:
    """Whether no other line tells it: rules say much of it, and of what appears or vanishes only what is open."""
    if change.kind in ("appeared", "vanished", "reason"):
        return detail.name == "pending" and change.kind == "appeared"
    return not change.rules or detail.name not in _SAID_BY_RULES


def _offer_text(offer: Offer) -> str:
    details = [offer.preference or "", f"rank {offer.rank}"] if offer.rank else []
    return ", ".join(part for part in (STATUS_WORDS[offer.status], *details) if part)


def _detail(detail: Detail) -> Line:
    came = [Line("gained", text) for text in detail.came]
    went = [Line("lost", text) for text in detail.went]
    return Line("note", detail.name, parts=(*came, *went))


def _intent(change: IntentChange) -> Line:
    before, after = (spaced(intent) if intent else "open" for intent in (change.before, change.after))
    return Line("moved", "intent", f"{after}; before {before}", parts=tuple(map(rule_line, change.rules)))


def _flag(change: FlagChange) -> Line:
    title = FLAG_TITLES[change.flag.kind].lower()
    mark: Mark = "gained" if change.came else "lost"
    text = title if change.came else f"no longer under {title}"
    return Line(
        mark,
        text,
        change.flag.text,
        parts=tuple(part for effect in change.rules for part in _turned_lines(effect.turned)),
    )


def rule_line(effect: RuleEffect) -> Line:
    """A rule with what it does now, its sentence and the conditions that turned."""
    text = f"{effect.title} ({_effect_words(effect)})"
    return Line(_rule_mark(effect), text, effect.because, rule=effect.rule, parts=tuple(_turned_lines(effect.turned)))


def _rule_mark(effect: RuleEffect) -> Mark:
    """Met where it is in favour of the option; what calls for care is only noted."""
    if effect.role == "caution":
        return "note"
    holds = {"holds": True, "open": None}.get(effect.after, False)
    return _MARKS[not holds if effect.role == "against" and holds is not None else holds]


def _effect_words(effect: RuleEffect) -> str:
    state = "fails" if effect.after in ("out_of_scope", "not_there") else effect.after
    words = [_DOES[effect.role, state]] if effect.before != effect.after else []
    scope = {"out_of_scope": "out of scope now"}.get(effect.after) or {"out_of_scope": "out of scope before"}.get(
        effect.before
    )
    return ", ".join(part for part in (_edit_words(effect), *words, scope, effect.does) if part)


def _edit_words(effect: RuleEffect) -> str:
    return f"edited: {joined(effect.parts, 'and')}" if effect.edit == "edited" else effect.edit


def _turned_lines(turned: Iterable[Turned]) -> Iterator[Line]:
    for each in turned:
        found = f"{each.found_after}; before {each.found_before}"
        yield Line(_MARKS[each.after], f"{_TURNS[each.after]}: {each.says}", found)
