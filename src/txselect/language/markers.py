"""What biomarker reports say together: kinds, implied states and contradictions.

Positive travels up the hierarchy (L858R positive makes every class it belongs to positive), negative travels down, and
a marker with `any_of` is negative once all its parts are. A report that makes a marker positive itself makes those that
it excludes negative; what is positive only because of a kind of it excludes nothing. A germline-negative result says
nothing of the tumour, and a somatic-negative one nothing of the germline. A positive result that another contradicts
travels nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from txselect.language.scales import marker_bounds
from txselect.model.patient import MarkerKnowledge, Notice, Result
from txselect.model.profile import BiomarkerReport
from txselect.model.vocabulary import Vocabulary


@dataclass
class _Gathered:
    """Reports by marker. `negative` are those of the tumour, `unstated_negative` those of them without an origin.

    positive: each with the marker of which it says so itself.
    """

    positive: dict[str, list[tuple[BiomarkerReport, str]]] = field(default_factory=dict)
    negative: dict[str, list[BiomarkerReport]] = field(default_factory=dict)
    germline_negative: dict[str, list[BiomarkerReport]] = field(default_factory=dict)
    unstated_negative: dict[str, list[BiomarkerReport]] = field(default_factory=dict)


def marker_knowledge(
    results: Sequence[Result], vocabulary: Vocabulary
) -> tuple[dict[str, MarkerKnowledge], list[Notice]]:
    """Knowledge by marker (absent: never mentioned, nothing implied), the contradictions found and the doubts."""
    gathered, unsettled, measured = _sorted(results, vocabulary)
    knowledge = {
        marker: _knowledge(marker, gathered, unsettled, measured)
        for marker in {*gathered.positive, *gathered.negative, *gathered.germline_negative, *unsettled, *measured}
    }
    return knowledge, [*_contradictions(gathered, measured, vocabulary), *_doubts(knowledge, vocabulary)]


def contradicting(
    results: Sequence[Result], vocabulary: Vocabulary
) -> Iterator[tuple[BiomarkerReport, BiomarkerReport]]:
    """The positive and negative reports that cannot both be true, directly or by what follows from them."""
    gathered, _, _ = _sorted(results, vocabulary)
    for marker in gathered.positive:
        yield from _conflicting(marker, gathered)


def _sorted(
    results: Sequence[Result], vocabulary: Vocabulary
) -> tuple[_Gathered, dict[str, list[BiomarkerReport]], dict[str, list[Result]]]:
    """The reports that settle markers with all that follows, those that settle nothing, and the measured values."""
    gathered = _Gathered()
    unsettled: dict[str, list[BiomarkerReport]] = {}
    measured: dict[str, list[Result]] = {}
    for result in results:
        for marker, state in stated(result, vocabulary):
            _state(gathered, marker, state, result.report, vocabulary)
        if result.value is not None:
            measured.setdefault(result.marker, []).append(result)
        elif not _is_settled(result):
            unsettled.setdefault(result.marker, []).append(result.report)
    for negative in (gathered.negative, gathered.germline_negative, gathered.unstated_negative):
        _close_downwards(negative, vocabulary)
    return gathered, unsettled, measured


def _state(gathered: _Gathered, marker: str, state: str, report: BiomarkerReport, vocabulary: Vocabulary) -> None:
    if state == "positive":
        for name in vocabulary.marker_kinds.above(marker):
            gathered.positive.setdefault(name, []).append((report, marker))
        return
    targets = [gathered.germline_negative if report.origin == "germline" else gathered.negative]
    if report.origin is None:
        targets.append(gathered.unstated_negative)
    for name in vocabulary.marker_kinds.below(marker):
        for target in targets:
            target.setdefault(name, []).append(report)


def stated(result: Result, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """The markers that one result makes positive or negative itself, before anything follows for their kinds."""
    for marker, state in _said_outright(result, vocabulary):
        yield marker, state
        if state == "positive":
            yield from ((excluded, "negative") for excluded in vocabulary.excluded[marker])


def _said_outright(result: Result, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """The state that is reported, or those that the value implies."""
    if result.value is not None:
        marker = vocabulary.biomarkers[result.marker]
        for implication in marker.implies:
            if marker_bounds(implication, marker).holds(result.value):
                yield implication.marker, implication.state
    elif _is_settled(result):
        yield result.marker, result.report.state or ""


def _is_settled(result: Result) -> bool:
    return result.understood and result.report.state in ("positive", "negative")


def _close_downwards(negative: dict[str, list[BiomarkerReport]], vocabulary: Vocabulary) -> None:
    """Until nothing changes: all parts of an `any_of` negative make it negative, with everything below it."""
    composed = [marker for marker in vocabulary.biomarkers.values() if marker.any_of]
    changed = True
    while changed:
        changed = False
        for marker in composed:
            if marker.id not in negative and all(part in negative for part in marker.any_of):
                reports = list(dict.fromkeys(r for part in marker.any_of for r in negative[part]))
                for name in vocabulary.marker_kinds.below(marker.id):
                    negative.setdefault(name, reports)
                changed = True


def _conflicting(marker: str, gathered: _Gathered) -> Iterator[tuple[BiomarkerReport, BiomarkerReport]]:
    """The positive and negative reports that cannot both be true: what is in the germline need not be somatic."""
    in_tumour = (gathered.negative,)
    in_germline = (gathered.unstated_negative, gathered.germline_negative)
    for positive, _ in gathered.positive.get(marker, ()):
        for against in in_germline if positive.origin == "germline" else in_tumour:
            for negative in against.get(marker, ()):
                yield positive, negative


def _undisputed(marker: str, gathered: _Gathered) -> Iterator[BiomarkerReport]:
    """The positive reports of a marker that nothing contradicts where they say so themselves."""
    for report, own in gathered.positive.get(marker, ()):
        if marker == own or not any(positive is report for positive, _ in _conflicting(own, gathered)):
            yield report


def _knowledge(
    marker: str,
    gathered: _Gathered,
    unsettled: dict[str, list[BiomarkerReport]],
    measured: dict[str, list[Result]],
) -> MarkerKnowledge:
    values = {result.value for result in measured.get(marker, ())}
    positive = tuple(_undisputed(marker, gathered))
    return MarkerKnowledge(
        positive=positive,
        negative=tuple(gathered.negative.get(marker, ())),
        germline_negative=tuple(gathered.germline_negative.get(marker, ())),
        unsettled=tuple(unsettled.get(marker, ())),
        value=values.pop() if len(values) == 1 else None,
        measured=tuple(result.report for result in measured.get(marker, ())),
        contradictory=any(_conflicting(marker, gathered)),
        disputed=not positive and marker in gathered.positive,
    )


def _contradictions(gathered: _Gathered, measured: dict[str, list[Result]], vocabulary: Vocabulary) -> Iterable[Notice]:
    seen: set[frozenset[int]] = set()
    # The most specific marker first, so that one pair of reports is told once and where it hurts.
    for marker in sorted(gathered.positive, key=lambda m: (-len(_above(m, vocabulary)), m)):
        for positive, negative in _conflicting(marker, gathered):
            pair = frozenset((id(positive), id(negative)))
            if pair not in seen:
                seen.add(pair)
                markers = [marker, *_excluded_too(positive, negative, gathered)]
                yield _contradiction(markers, positive, negative, vocabulary)
    for marker, results in measured.items():
        if len({result.value for result in results}) > 1:
            entry = vocabulary.biomarkers[marker]
            values = " and ".join(f"{value_text(result.report)}{_when(result.report)}" for result in results)
            text = f"{entry.label} is reported as {values}; mark the older one as superseded. It is treated as unknown."
            yield Notice("data_conflict", text, (marker,))


def _above(marker: str, vocabulary: Vocabulary) -> frozenset[str]:
    return vocabulary.marker_kinds.above(marker)


def _excluded_too(positive: BiomarkerReport, negative: BiomarkerReport, gathered: _Gathered) -> Iterator[str]:
    """The markers of which it is the other way round: the negative report calls them positive itself."""
    for marker, reports in gathered.positive.items():
        said_itself = any(marker == own and report is negative for report, own in reports)
        if said_itself and (negative, positive) in _conflicting(marker, gathered):
            yield marker


def _contradiction(
    markers: Sequence[str], positive: BiomarkerReport, negative: BiomarkerReport, vocabulary: Vocabulary
) -> Notice:
    labels = " and ".join(vocabulary.biomarkers[marker].label for marker in markers)
    text = f"{labels}: reported as {said(positive)}{_when(positive)} and as {said(negative)}{_when(negative)}"
    if len(markers) > 1 or negative.state == "positive":
        text = f"{text}, which exclude each other"
    unknown = "It is" if len(markers) == 1 else "All of this is"
    return Notice("data_conflict", f"{text}. {unknown} treated as unknown.", tuple(markers))


def _doubts(knowledge: Mapping[str, MarkerKnowledge], vocabulary: Vocabulary) -> Iterator[Notice]:
    """A positive result stands beside a newer report without an answer, and a reader must see that it does."""
    for marker, known in sorted(knowledge.items()):
        newest = max((report.date for report in known.positive if report.date), default=None)
        if newest is None or not known.state:
            continue
        for report in known.unsettled:
            if report.state in ("equivocal", "test_failed") and report.date and report.date > newest:
                label = vocabulary.biomarkers[marker].label
                text = f"{label} counts as positive ({newest}) although a newer report says {said(report)}"
                yield Notice("caution", f"{text}{_when(report)}", (marker,))


def said(report: BiomarkerReport) -> str:
    """What a report says, in its own words.

    >>> said(BiomarkerReport(marker="EGFR", alteration="L858R", state="positive"))
    'EGFR L858R positive'
    """
    name = f"{report.marker} {report.alteration}" if report.alteration else report.marker
    value = value_text(report) if report.value is not None else (report.state or "").replace("_", " ")
    return f"{name.replace('_', ' ')} {value}"


def reported(report: BiomarkerReport) -> str:
    """What a report says, with its circumstances."""
    tail = circumstances(report)
    return f"{said(report)} ({tail})" if tail else said(report)


def circumstances(report: BiomarkerReport) -> str:
    """Origin, assay, specimen and date of a report, as far as they are given."""
    details = [report.origin or "", report.assay or "", report.specimen or "", str(report.date or "")]
    return ", ".join(detail for detail in details if detail)


def value_text(report: BiomarkerReport) -> str:
    """The value with its unit."""
    value = f"{report.value:g}" if isinstance(report.value, float) else str(report.value)
    return f"{value} {report.unit}" if report.unit else value


def _when(report: BiomarkerReport) -> str:
    return f" ({report.date})" if report.date else ""
