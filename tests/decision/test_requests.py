"""Tests that are asked for: none that was done where it looks."""

from knowledge.shipped import cases, rules
from scale import some
from txselect.inquiry.next_test import next_test
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


def test_a_part_of_a_test_is_asked_for_by_the_name_of_the_test_that_is_done():
    vocabulary, asked = rules().pack.vocabulary, 0
    parts = {test.id: vocabulary.tests[test.part_of] for test in vocabulary.tests.values() if test.part_of}
    for case in cases().values():
        for flag in read(rules(), case, engine="linear")[1].flags:
            heads = [rules().pack.rules[rule].head for rule in flag.rules]
            for whole in (parts[t] for head in heads if isinstance(head, Request) for t in head.tests if t in parts):
                asked += 1
                assert flag.text.startswith(whole.label)
    assert asked


def test_what_to_find_out_next_never_names_a_part_of_a_test():
    vocabulary = rules().pack.vocabulary
    parts = {test.label for test in vocabulary.tests.values() if test.part_of}
    assert parts
    for name in ("vision-population", "driver-sparse-adenocarcinoma", "crc-sparse"):
        assert parts.isdisjoint(value.label for value in next_test(rules(), cases()[name], engine="linear").tests)
