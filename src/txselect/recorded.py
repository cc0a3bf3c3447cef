"""What was decided before: `recorded.json` beside cases keeps each decision without its prose, a line for each option.

A case claims little of its decision under `expect`. The record holds the rest, so that whatever an edit of a rule
changes is seen: `txselect test` tells it, and version control shows it as a small difference.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from txselect.decision.record import CautionNote, Decision, Flag, Option, Reason
from txselect.errors import Gathering, InputError, Place, Problem
from txselect.language.document import PLACE, check_json, decoded, parse
from txselect.language.files import content_of, write_whole, writing
from txselect.language.validation import validated
from txselect.model.forms import Form, Text, TextByName, Texts
from txselect.model.profile import Case

RECORDED = "recorded.json"
CODE = "TX031"
_NOT_INDICATED = "not_indicated"
_ABOUT_THE_ENGINE = "engine"
"""The assumption that another engine stands in: it says something of the machine, not of the case."""
_HINT = "`txselect test --record` does"
_ANEW = "remove the file, and `txselect test --record` writes it anew"


class Record(Form):
    """A decision without prose and without what it was made with. `options`: a line for each that is indicated."""

    intent: Text
    options: TextByName
    flags: Texts
    assumptions: Texts


Records = Mapping[str, Record]
"""By the id of the case."""


# What a record says of a decision


def record_of(decision: Decision) -> Record:
    """Everything in a decision that is not prose: what is offered and excluded, by which rules, with which cautions."""
    return Record(
        intent=_line(decision.intent or "open", _by(decision.intent_reasons)),
        options={option.therapy: _option(option) for option in decision.options if option.status != _NOT_INDICATED},
        flags=tuple(_counted(map(_flag, decision.flags))),
        assumptions=tuple(made.id for made in decision.assumptions if made.id != _ABOUT_THE_ENGINE),
    )


def digest(record: Record) -> str:
    """A record in 16 digits: equal for equal records, and else as good as never."""
    return sha256(record.model_dump_json().encode()).hexdigest()[:16]


def _option(option: Option) -> str:
    """As `excluded, preferred, phase_3; by rule.q; despite rule.r; with docetaxel`."""
    rank = f" {option.rank}" if option.rank else ""
    standing = (f"{option.status}{rank}", option.preference, option.evidence_level)
    # the rules against an excluded option give its status, and those that would recommend it do not
    giving = [reason for reason in option.reasons if reason.is_for is (option.status != "excluded")]
    others = [reason for reason in option.reasons if reason not in giving]
    return _line(
        _listed(filter(None, standing)),
        _by(giving),
        _by(others, "despite"),
        *_cautions(option.cautions),
        f"with {_listed(option.agents)}" if option.agents else "",
    )


def _by(reasons: Iterable[Reason], word: str = "by") -> str:
    rules = _listed(reason.rule for reason in reasons)
    return f"{word} {rules}" if rules else ""


def _cautions(notes: Iterable[CautionNote]) -> Iterator[str]:
    """As `caution rule.a, rule.b` and `perhaps relative contraindication rule.c`."""
    ordered = sorted(notes, key=lambda note: (not note.certain, note.kind != "relative_contraindication"))
    for (certain, kind), those in groupby(ordered, key=lambda note: (note.certain, note.kind)):
        rules = _listed(note.rule for note in those)
        yield f"{'' if certain else 'perhaps '}{kind.replace('_', ' ')} {rules}"


def _flag(flag: Flag) -> str:
    about = f"{flag.kind}: {_listed(flag.about)}" if flag.about else flag.kind
    return _line(about, f"by {_listed(flag.rules)}" if flag.rules else "")


def _counted(lines: Iterable[str]) -> Iterator[str]:
    """Each line once: flags that differ in their prose alone are counted."""
    for line, number in Counter(lines).items():
        yield line if number == 1 else f"{line} ({number} times)"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _line(*parts: str) -> str:
    """The parts that say something, on one line whatever spaces a name has."""
    return " ".join("; ".join(filter(None, parts)).split())


# Differences


def unlike(before: Record, now: Record, place: Place) -> Iterator[Problem]:
    """Each difference between two records, told at the place of the case."""
    yield from _changed("intent", before.intent, now.intent, place)
    for therapy in dict.fromkeys((*now.options, *before.options)):
        was, became = (record.options.get(therapy, _NOT_INDICATED) for record in (before, now))
        yield from _changed(f"`{therapy}`", was, became, place)
    yield from _gained_or_lost("flag", before.flags, now.flags, place)
    yield from _gained_or_lost("assumption", before.assumptions, now.assumptions, place)


def _changed(what: str, before: str, now: str, place: Place) -> Iterator[Problem]:
    if before != now:
        yield Problem(place, CODE, f"{what} was recorded as `{before}`, is now `{now}`")


def _gained_or_lost(what: str, before: Iterable[str], now: Iterable[str], place: Place) -> Iterator[Problem]:
    was, became = set(before), set(now)
    for line in dict.fromkeys((*before, *now)):
        if line not in became:
            yield Problem(place, CODE, f"the {what} `{line}` was recorded, and is not there now")
        elif line not in was:
            yield Problem(place, CODE, f"the {what} `{line}` was not recorded, and is there now")


# Files


def read_records(path: Path) -> Records:
    """The records in a file. Raises InputError with every problem: TX001 and TX002 of form, TX003 to TX005 of keys."""
    file = path.as_posix()
    text = decoded(content_of(path), file)
    check_json(text, Place(file), _ANEW)
    value = parse(text, file)
    if not isinstance(value, dict):
        message = "expected the records of cases, each under the case's id"
        raise InputError([Problem(Place(file), "TX005", message, _ANEW)])
    problems = Gathering()
    found: dict[str, Record] = {}
    for name, record in value.items():
        if name != PLACE:
            with problems.keeping():
                found[name] = validated(Record, record, value[PLACE].at(name))
    problems.raise_if_any()
    return found


def text_of(records: Records) -> str:
    """The records as they are written: by id, a line for each option."""
    plain = {name: records[name].model_dump(mode="json") for name in sorted(records)}
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


class RecordedFolder:
    """What was decided before for the cases of one folder, and what is decided now."""

    def __init__(self, folder: Path) -> None:
        """Raises InputError for a file of records that cannot be used."""
        self.path = folder / RECORDED
        self.is_recorded = self.path.exists()
        self.before = read_records(self.path) if self.is_recorded else {}
        self.now: dict[str, Record] = {}
        self._places: dict[str, Place] = {}

    def add(self, case: Case, decision: Decision) -> None:
        """Take note of a decision. Raises InputError (TX007) where another case of the folder has the same id."""
        first = self._places.setdefault(case.id, case.place)
        if first != case.place:
            raise InputError([Problem(case.place, "TX007", f"the case `{case.id}` is given twice", f"first: {first}")])
        self.now[case.id] = record_of(decision)

    def differences(self, case: str) -> tuple[Problem, ...]:
        """How a case that was added differs from its record, or that it has none."""
        place = self._places[case]
        if case not in self.before:
            return (Problem(place, CODE, f"the case `{case}` is not recorded", _HINT),)
        return tuple(unlike(self.before[case], self.now[case], place))

    @property
    def left_over(self) -> tuple[str, ...]:
        """The cases that have a record and were not added."""
        return tuple(name for name in self.before if name not in self.now)

    def about_left_over(self) -> Iterator[Problem]:
        """That those are not in the folder any more, which holds if all its cases were added."""
        for name in self.left_over:
            message = f"the case `{name}` is recorded, and is not in this folder any more"
            yield Problem(self.before[name].place, CODE, message, "`txselect test --record` on the folder takes it out")

    def write(self, *, keeping: Iterable[str] = ()) -> None:
        """Write what is decided now, and the records of the cases to keep. Raises InputError if that fails."""
        records = {**{name: self.before[name] for name in keeping}, **self.now}
        with writing(self.path):
            write_whole(self.path, text_of(records).encode())


def records_beside(cases: Iterable[Case]) -> dict[str, Record]:
    """What was recorded of cases, by their ids, in the folders in which they lie. Raises InputError."""
    folders = dict.fromkeys(Path(case.place.file).parent for case in cases)
    paths = [folder / RECORDED for folder in folders]
    return {name: record for path in paths if path.exists() for name, record in read_records(path).items()}
