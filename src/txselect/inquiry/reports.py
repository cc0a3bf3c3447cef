"""Questions about markers that are positive or negative, and what every report, old or tried, speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from txselect.inquiry.question import Answer, Question
from txselect.inquiry.scene import Scene
from txselect.inquiry.theory import Theory, quoted
from txselect.language.changed_markers import repeats
from txselect.language.markers import stated
from txselect.model.change import Change
from txselect.model.condition import MarkerIs
from txselect.model.patient import Result
from txselect.model.profile import BiomarkerReport
from txselect.program.horn import negative, positive

_ORIGINS = (None, "germline", "somatic")


def ask_markers(scene: Scene, theory: Theory) -> None:
    """Add the profile's reports, and a question for each marker whose state a leaf of the cone asks about."""
    for position, result in enumerate(scene.patient.results):
        theory.fact("report", f"r({position})")
        _speak(scene, theory, f"r({position})", result)
    for marker, knowledge in scene.patient.markers.items():
        if knowledge.contradictory:
            theory.fact("conflict_before", quoted(marker))
    _compose(scene, theory)
    asked: dict[str, set[str | None]] = {}
    for number, leaf in scene.cone.leaves.items():
        if isinstance(leaf, MarkerIs):
            asked.setdefault(leaf.marker, set()).add(leaf.origin)
            source = leaf.origin or "any"
            yes, no = (positive(number), negative(number)) if leaf.state else (negative(number), positive(number))
            theory.fact("when_positive", quoted(leaf.marker), source, yes)
            theory.fact("when_negative", quoted(leaf.marker), source, no)
    for marker, origins in asked.items():
        matter = _origins_matter(scene, marker, asked)
        for origin in sorted(origins, key=str):
            _ask(scene, theory, marker, origin, _found_in(scene, marker, origin, matter=matter))


def _origins_matter(scene: Scene, marker: str, asked: Mapping[str, set[str | None]]) -> bool:
    """Whether some condition is about an origin, or about what the marker excludes: each may be found elsewhere."""
    kinds, excluded = scene.vocabulary.marker_kinds, scene.vocabulary.excluded[marker]
    about_origin = any(asked[other] != {None} for other in asked.keys() & kinds.related(marker))
    return about_origin or any(not kinds.related(other).isdisjoint(asked) for other in excluded)


def _found_in(scene: Scene, marker: str, origin: str | None, *, matter: bool) -> Sequence[str | None]:
    """The origins that an answer may state. What is found out beside a germline result is found in the tumour."""
    if origin is not None:
        return (origin,)
    if scene.finding_out:
        reported = {result.report.origin for result in scene.patient.results if result.marker == marker}
        return ("somatic",) if "germline" in reported else (None,)
    return _ORIGINS if matter else (None,)


def _ask(scene: Scene, theory: Theory, marker: str, origin: str | None, found_in: Sequence[str | None]) -> None:
    """One question for each origin of a marker that is asked about: its answers are positive and negative.

    found_in: the origins that an answer may state; where no rule asks for one, a result without origin says it all.
    """
    leaf = MarkerIs(marker, True, origin)
    tests = [scene.tests[n] for n, other in scene.cone.leaves.items() if other == leaf or other == _negated(leaf)]
    known = any(test(scene.patient) is not None for test in tests)
    reports = [
        BiomarkerReport.model_validate({"marker": marker, "state": state, "origin": place})
        for place in found_in
        for state in ("positive", "negative")
    ]
    answers = tuple(
        Answer(
            Change(f"biomarkers.{marker}", f"{report.state} {report.origin}" if report.origin else report.state),
            scene.words.condition(MarkerIs(marker, report.state == "positive", report.origin)),
        )
        for report in reports
    )
    question = Question(
        scene.words.missing(leaf),
        scene.now(leaf, known=known),
        known,
        known and _germline(scene, marker, origin),
        f"marker {marker}",
        answers,
        origin=origin,
    )
    _, numbers = theory.ask(question)
    for number, report in zip(numbers, reports, strict=True):
        reports_of(scene, theory, number, Result(marker, report))


def _negated(leaf: MarkerIs) -> MarkerIs:
    return MarkerIs(leaf.marker, not leaf.state, leaf.origin)


def _germline(scene: Scene, marker: str, origin: str | None) -> bool:
    """Whether what is known of the marker was found in the germline, which no treatment changes."""
    known = scene.patient.markers.get(marker)
    reports = (*known.positive, *known.negative, *known.germline_negative) if known else ()
    return origin == "germline" or any(report.origin == "germline" for report in reports)


def reports_of(scene: Scene, theory: Theory, answer: int, result: Result) -> None:
    """Say what an answer's report speaks of, and which of the profile's reports it replaces."""
    _speak(scene, theory, str(answer), result)
    theory.fact("result_of", answer, quoted(result.marker), result.report.origin or "unstated")
    for position, old in enumerate(scene.patient.results):
        if repeats(result, old):
            theory.fact("repeats", answer, f"r({position})")


def _speak(scene: Scene, theory: Theory, speaker: str, result: Result) -> None:
    for rail, own, marker in _rising(scene, result):
        theory.fact("through", speaker, rail, quoted(own), quoted(marker))
    for rail, marker in _statements(scene, result):
        theory.fact("reports", speaker, rail, quoted(marker))


def _rising(scene: Scene, result: Result) -> Iterator[tuple[str, str, str]]:
    """What is positive through a marker that the report itself calls so."""
    for own, state in stated(result, scene.vocabulary):
        if state == "positive":
            for rail in _positive_rails(result.report.origin):
                yield from ((rail, own, name) for name in sorted(scene.vocabulary.marker_kinds.above(own)))


def _positive_rails(origin: str | None) -> list[str]:
    rails = ["positive_germline" if origin == "germline" else "positive_elsewhere"]
    return [*rails, "positive_somatic"] if origin == "somatic" else rails


def _statements(scene: Scene, result: Result) -> Iterator[tuple[str, str]]:
    """Positive travels up to what the marker is a kind of, negative down to its kinds; origins stay apart."""
    kinds, origin = scene.vocabulary.marker_kinds, result.report.origin
    for marker, state in stated(result, scene.vocabulary):
        if state == "positive":
            rails = _positive_rails(origin)
            reached = kinds.above(marker)
        else:
            rails = ["negative_germline" if origin == "germline" else "negative"]
            rails += ["negative_unstated"] if origin is None else []
            rails += ["negative_somatic"] if origin == "somatic" else []
            reached = frozenset(kinds.below(marker))
        yield from ((rail, name) for name in sorted(reached) for rail in rails)


def _compose(scene: Scene, theory: Theory) -> None:
    """A marker with parts is negative, with its kinds, once all of them are."""
    for marker in scene.vocabulary.biomarkers.values():
        if marker.any_of:
            theory.fact("composed", quoted(marker.id))
            for part in marker.any_of:
                theory.fact("part", quoted(marker.id), quoted(part))
            for kind in scene.vocabulary.marker_kinds.below(marker.id):
                theory.fact("below", quoted(marker.id), quoted(kind))
