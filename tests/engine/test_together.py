"""Many patients at once are concluded what each is alone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from scale import examples
from txselect.engine.linear import LinearEngine
from txselect.engine.together import run_together
from txselect.program.horn import Clause, HornProgram

LITERALS = st.integers(0, 19)


@settings(max_examples=examples(200, nightly=5000))
@given(
    st.lists(st.tuples(LITERALS, st.lists(LITERALS, min_size=1, max_size=4, unique=True)), max_size=40),
    st.lists(st.sets(LITERALS, max_size=8), max_size=12),
)
def test_each_patient_is_concluded_what_it_is_alone(written, patients):
    """In any order of the clauses, and round circles."""
    program = HornProgram(10, tuple(Clause(head, tuple(body)) for head, body in written))
    together, engine = run_together(program, patients), LinearEngine(program)
    assert together.patients == len(patients)
    assert run_together(program, patients[:5]).joined(run_together(program, patients[5:])) == together
    for number, literals in enumerate(patients):
        alone = engine.run(sorted(literals))
        known = {*alone.given, *(literal for literal, _ in alone.derived)}
        assert {literal for literal in range(20) if together.holding[literal] >> number & 1} == known
