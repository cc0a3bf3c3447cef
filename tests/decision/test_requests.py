"""Tests that are asked for: none that was done where it looks."""

from knowledge.shipped import cases, rules
from scale import some
from txselect.model.rules import Request
from txselect.pipeline import read


def test_no_germline_test_is_asked_for_whose_markers_all_have_a_germline_result():
    asked = 0
    pack = rules().pack
    for name in some(cases(), 200):
        reading, decision = read(rules(), cases()[name], engine="linear")
        in_germline = {r.marker for r in reading.patient.results if r.report.origin == "germline" and r.report.state}
        for flag in decision.flags:
            heads = [pack.rules[rule].head for rule in flag.rules]
            tests = [pack.vocabulary.tests[t] for head in heads if isinstance(head, Request) for t in head.tests]
            if flag.kind == "test_needed" and tests and all(test.origin == "germline" for test in tests):
                asked += 1
                assert not set(flag.about) <= in_germline, (name, flag)
    assert asked
