"""Flags: tests to do, cautions, contradictions, missing data, cancers not covered, findings nobody reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from txselect.decision.reading import Reading
from txselect.decision.record import Flag, Option, Pending
from txselect.decision.testing import reported
from txselect.decision.wording import counted, first_few, joined
from txselect.model.patient import MarkerKnowledge
from txselect.model.rules import Caution, Conflict, Recommend, Request, Rule


def flags_of(reading: Reading, options: Sequence[Option]) -> tuple[Flag, ...]:
    """Every flag once, most pressing kinds first."""
    offered = [option for option in options if option.offered]
    requests = tuple(_requests(reading))
    requested = {marker for flag in requests for marker in flag.about}
    flags = (
        *_out_of_scope(reading),
        *_conflicts(reading),
        *_notices(reading),
        *requests,
        *_missing(reading, offered, requested),
        *_cautions(reading, offered),
        *_due_for_review(reading, offered),
    )
    return tuple(dict.fromkeys(flags))


def covered(reading: Reading) -> bool:
    """Whether some recommend rule in scope was written for the patient's cancer."""
    recommending = reading.program.by_head.get(Recommend, ())
    return any(reading.pack.rules[name].applies_to for name in recommending)


def _out_of_scope(reading: Reading) -> Iterable[Flag]:
    if not covered(reading):
        label = reading.pack.vocabulary.cancers[reading.patient.cancer].label
        text = f"{label} is not covered by this rule set: only rules that hold for every cancer were used"
        yield Flag("out_of_scope", text, (reading.patient.cancer,))


def _conflicts(reading: Reading) -> Iterable[Flag]:
    for rule in _true(reading, Conflict):
        yield Flag("data_conflict", rule.because, (), (rule.id,))


def _true(reading: Reading, head: type[Conflict] | type[Request] | type[Caution]) -> Iterable[Rule]:
    for name in reading.program.by_head.get(head, ()):
        if reading.rule_truth(name):
            yield reading.pack.rules[name]


def _notices(reading: Reading) -> Iterable[Flag]:
    for notice in reading.patient.notices:
        yield Flag(notice.kind, notice.text, notice.about)  # type: ignore[arg-type]


def _requests(reading: Reading) -> Iterable[Flag]:
    vocabulary = reading.pack.vocabulary
    for rule in _true(reading, Request):
        assert isinstance(rule.head, Request)
        tests = [vocabulary.tests[test] for test in rule.head.tests]
        open_markers = [m for test in tests for m in test.markers if not _has_result(reading, m, test.origin)]
        if open_markers:
            done = (vocabulary.tests[test.part_of or test.id] for test in tests)
            names = joined(dict.fromkeys(test.label for test in done), "and")
            yield Flag("test_needed", f"{names}: {rule.because}", tuple(dict.fromkeys(open_markers)), (rule.id,))


def _has_result(reading: Reading, marker: str, origin: str | None) -> bool:
    """Whether a test that looks there was done; a germline test was if any report is about the germline."""
    knowledge = reading.patient.markers.get(marker, MarkerKnowledge())
    if origin == "germline" and not knowledge.contradictory:
        reports = (*knowledge.positive, *knowledge.germline_negative)
        return any(report.origin == "germline" for report in reports)
    return knowledge.state is not None or knowledge.value is not None


def _missing(reading: Reading, offered: Sequence[Option], requested: set[str]) -> Iterable[Flag]:
    """What the offered options wait for and no rule requests: a flag for each thing, naming the options."""
    waiting: dict[Pending, list[Option]] = {}
    for option in offered:
        for pending in option.pending:
            waiting.setdefault(pending, []).append(option)
    for pending, options in waiting.items():
        if not any(reported(marker, requested, reading.pack.vocabulary) for marker in pending.markers):
            labels = first_few((option.label for option in options), 3)
            text = f"{pending.what} ({pending.state}) would help to decide: {joined(labels, 'and')}"
            about = (*pending.markers, *(option.therapy for option in options))
            yield Flag("test_needed" if pending.markers else "insufficient_data", text, about)


def _cautions(reading: Reading, offered: Sequence[Option]) -> Iterable[Flag]:
    for rule in _true(reading, Caution):
        if isinstance(rule.head, Caution) and not rule.head.therapies:
            yield Flag("caution", rule.because, (), (rule.id,))
    concerned: dict[str, tuple[list[str], list[str]]] = {}
    for option in offered:
        for note in option.cautions:
            if note.certain:
                therapies, rules = concerned.setdefault(note.text, ([], []))
                therapies.append(option.therapy)
                rules.append(note.rule)
    for text, (therapies, rules) in concerned.items():
        yield Flag("caution", text, tuple(dict.fromkeys(therapies)), tuple(dict.fromkeys(rules)))


def _due_for_review(reading: Reading, offered: Sequence[Option]) -> Iterable[Flag]:
    """The rules behind offered options whose review was due before the day of the decision."""
    rules = reading.pack.rules
    day = reading.patient.as_of
    late = [
        (name, due, option.therapy)
        for option in offered
        for name in option.rules
        if (due := rules[name].review_by) is not None and due < day
    ]
    if late:
        names = tuple(dict.fromkeys(name for name, _, _ in late))
        first = min(due for _, due, _ in late)
        text = f"{counted(len(names), 'rule')} behind these options should have been reviewed by {first}: look for news"
        yield Flag("caution", text, tuple(dict.fromkeys(therapy for _, _, therapy in late)), names)
