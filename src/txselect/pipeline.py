"""The whole way, on one page.

    rules/*.yaml -> language -> RulePack -> compile -> Program -+
                                                                +-> engine -> Valuation -> certificate -> decision
    cases/*.yaml -> profile  -> Patient  -> observe -> literals-+

Nothing below reads a clock, the environment or the network: the date of a decision is an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, get_args

from txselect.decision.decide import decision_of
from txselect.decision.reading import Reading
from txselect.decision.record import Assumption, Decision, EngineUsed
from txselect.decision.wording import Wording
from txselect.engine import ENGINE_NAMES, CertificateError, Engine, LiteralError, certified_run, engine_named
from txselect.engine.durable import DurableError, unavailable_because
from txselect.engine.envelope import EnvelopeError
from txselect.errors import PYTHON, InputError, InternalCheckError, Place, Problem
from txselect.language.patient import patient_of
from txselect.language.validation import validated
from txselect.model.patient import Patient
from txselect.model.profile import Case, Profile
from txselect.model.rules import Jurisdiction, RulePack
from txselect.program.compile import compiled
from txselect.program.observe import Observer
from txselect.program.program import Program
from txselect.shipped import shipped_folder
from txselect.version import VERSION

DEFAULT_ENGINE = "durable"


@dataclass(eq=False)
class Rules:
    """A rule pack with what has been compiled of it so far; safe to keep for any number of decisions."""

    pack: RulePack
    words: Wording = field(init=False)
    _prepared: dict[object, Prepared] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.words = Wording(self.pack)

    def prepared(self, cancer: str, as_of: date, jurisdiction: str | None) -> Prepared:
        """The compiled program for a cancer code on a day, made once for all days on which the same rules are valid."""
        valid = tuple(rule.id for rule in self.pack.dated_rules if rule.valid_on(as_of))
        key = (cancer, valid, jurisdiction)
        if key not in self._prepared:
            self._prepared[key] = Prepared(compiled(self.pack, cancer, as_of, jurisdiction), self.pack)
        return self._prepared[key]


class Prepared:
    """A program with its observer and, once asked for, its engines."""

    def __init__(self, program: Program, pack: RulePack) -> None:
        self.program = program
        self.observer = Observer(program, pack.vocabulary)
        self._engines: dict[str, tuple[Engine, str]] = {}

    def engine(self, name: str) -> tuple[Engine, str]:
        """The engine of that name, or the one that stands in for it with the reason."""
        if name not in self._engines:
            missing = unavailable_because() if name == "durable" else None
            made = engine_named("linear" if missing else name, self.program.horn, version=VERSION)
            self._engines[name] = (made, missing or "")
        return self._engines[name]


def load_rules(folder: Path | str | None = None) -> Rules:
    """The rules in a folder, or those shipped with txselect. Raises InputError with every problem found."""
    from txselect.language.pack import read_pack  # what reads rules is not needed where compiled rules are kept

    return Rules(read_pack(Path(folder) if folder else shipped_folder("rules")))


def decide(
    rules: Rules,
    profile: Profile | Case | dict[str, Any],
    *,
    as_of: date | None = None,
    engine: str = DEFAULT_ENGINE,
    jurisdiction: str | None = None,
) -> Decision:
    """The decision for a profile.

    as_of: the day of the decision; else the profile's; else the rule pack's, which is then stated as an assumption.
    engine: `durable` or `linear`. Both give the same decision; each run is certified.
    jurisdiction: `FDA` or `EMA` leaves out rules of the other; None takes all.

    Raises InputError for a profile that cannot be used and InternalCheckError for a result that fails its certificate.
    """
    return read(rules, profile, as_of=as_of, engine=engine, jurisdiction=jurisdiction)[1]


def read(
    rules: Rules,
    profile: Profile | Case | dict[str, Any],
    *,
    as_of: date | None = None,
    engine: str = DEFAULT_ENGINE,
    jurisdiction: str | None = None,
) -> tuple[Reading, Decision]:
    """The decision together with the reading it was made from, which explanations walk through."""
    profile = checked_profile(profile)
    _check_name("engine", engine, ENGINE_NAMES)
    if jurisdiction is not None:
        _check_name("jurisdiction", jurisdiction, get_args(Jurisdiction))
    day = as_of or profile.as_of or rules.pack.date
    patient = patient_of(profile, rules.pack.vocabulary, day)
    prepared = rules.prepared(patient.cancer, day, jurisdiction)
    running, missing = _engine(prepared, engine)
    reading = _reading(rules, prepared, running, patient)
    used = EngineUsed(running.name, running.version, engine if missing else None)
    assumptions = [*_about_the_date(as_of, profile, day), *_about_the_engine(engine, missing)]
    decision = decision_of(reading, engine=used, txselect=VERSION, jurisdiction=jurisdiction, assumptions=assumptions)
    return reading, decision


def reread(rules: Rules, profile: Profile, as_of: date, jurisdiction: str | None) -> Reading:
    """Another profile on the same day, for searches that look at many: certified, on the linear engine, undecided."""
    patient = patient_of(profile, rules.pack.vocabulary, as_of)
    prepared = rules.prepared(patient.cancer, as_of, jurisdiction)
    return _reading(rules, prepared, _engine(prepared, "linear")[0], patient)


def _reading(rules: Rules, prepared: Prepared, engine: Engine, patient: Patient) -> Reading:
    valuation = _certified(lambda: certified_run(engine, prepared.observer.observed(patient)))
    return Reading(prepared.program, patient, valuation, rules.words)


def checked_profile(given: Profile | Case | dict[str, Any]) -> Profile:
    """The profile itself, that of a case, or one from plain Python values. Raises InputError with every problem."""
    match given:
        case Profile():
            return given
        case Case():
            return given.profile
        case _:
            return validated(Profile, given, PYTHON)


def _check_name(kind: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        hint = f"there are {' and '.join(known)}"
        raise InputError([Problem(Place(f"<{kind}>"), "TX006", f"unknown {kind} `{name}`", hint)])


def _engine(prepared: Prepared, name: str) -> tuple[Engine, str]:
    return _certified(lambda: prepared.engine(name))


Result = TypeVar("Result")


def _certified(run: Callable[[], Result]) -> Result:
    """What `run` gives; what an engine or the certificate refuses is an error, never an answer."""
    try:
        return run()
    except (CertificateError, EnvelopeError, DurableError, LiteralError) as error:
        raise InternalCheckError(str(error)) from error


def _about_the_date(as_of: date | None, profile: Profile, day: date) -> Iterator[Assumption]:
    if as_of is None and profile.as_of is None:
        yield Assumption("as_of", f"no date was given, so the date of the rules is used: {day}")


def _about_the_engine(asked: str, missing: str) -> Iterator[Assumption]:
    if missing:
        yield Assumption("engine", f"the engine `{asked}` is not available here ({missing}); `linear` stands in for it")
