"""Random changes of profiles over the invented vocabulary."""

from typing import Any

from hypothesis import strategies as st

from laws.invented import TERMS
from laws.strategies import OUTCOMES, STATE_MARKERS
from txselect.model.change import Change
from txselect.model.profile import LIST_NAMES

STATES = ("present", "absent", "unknown")
LEVELS = {"9 g/dL": 9, "135 g/L": 13.5, "unknown": None}
COUNTS = {1.4: 1.4, "2 G/L": 2, "unknown": None}


def marker_changes() -> st.SearchStrategy[Change]:
    states = ["positive", "negative", "equivocal", "not_tested", "test_failed", "unknown"]
    origins = ["", " germline", " somatic"]
    stated = st.builds(
        lambda marker, state, origin: Change(f"biomarkers.{marker}", state + (origin if state != "unknown" else "")),
        st.sampled_from([*STATE_MARKERS, *["KIND", "WHOLE", "ANY", "HIGH"] * 2]),
        st.sampled_from(states),
        st.sampled_from(origins),
    )
    scores = st.sampled_from([0, "0 %", "1%", 60.0, "unknown", "test_failed"])
    steps = st.sampled_from(["0", "2+", "3+ somatic", "unknown"])
    return st.one_of(
        stated,
        stated,
        st.builds(Change, st.just("biomarkers.SCORE"), scores),
        st.builds(Change, st.just("biomarkers.STEPS"), steps),
    )


def term_changes() -> st.SearchStrategy[Change]:
    paths = [f"{LIST_NAMES[kind]}.{name}" for kind, terms in TERMS.items() for name in terms]
    states = st.sampled_from(STATES)
    whole = st.builds(Change, st.sampled_from(list(LIST_NAMES.values())), st.sampled_from(["none", "unknown"]))
    each = st.builds(Change, st.sampled_from(paths), states)
    return st.one_of(each, each, each, whole)


def field_changes() -> st.SearchStrategy[Change]:
    values: dict[str, list[Any]] = {
        "age": [17, 80],
        "sex": ["male", "female"],
        "ecog": [0, 4],
        "menopausal_status": ["postmenopausal"],
        "hormone_state": ["hormone_sensitive"],
        "cancer.stage": ["IV", "IIIA"],
        "cancer.grade": [2, 5],
        "cancer.extent": ["oligometastatic", "localised"],
        "cancer.volume": ["high"],
        "cancer.timing": ["synchronous"],
        "cancer.metastases": [3],
        "cancer.resectable": [True, False],
        "cancer.months_since_diagnosis": [7],
    }
    each = [Change(path, value) for path, some in values.items() for value in (*some, "unknown")]
    return st.sampled_from(each)


def measurement_changes() -> st.SearchStrategy[Change]:
    return st.one_of(
        st.builds(Change, st.just("measurements.level"), st.sampled_from(list(LEVELS))),
        st.builds(Change, st.just("measurements.count"), st.sampled_from(list(COUNTS))),
    )


def any_change() -> st.SearchStrategy[Change]:
    therapies = st.builds(Change, st.just("prior_therapies.beam_a"), st.sampled_from(OUTCOMES))
    return st.one_of(
        marker_changes(), marker_changes(), term_changes(), field_changes(), measurement_changes(), therapies
    )
