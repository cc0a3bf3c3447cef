"""Rules past the day by which somebody should have looked at them again."""

from datetime import timedelta

from knowledge.shipped import cases, rules
from txselect.pipeline import decide

CASE = cases()["vision-population"]


def late(day):
    flags = decide(rules(), CASE, as_of=day, engine="linear").flags
    return [flag for flag in flags if "should have been reviewed" in flag.text]


def test_a_decision_after_the_day_of_review_names_the_rules_behind_its_options_that_are_late():
    decision = decide(rules(), CASE, engine="linear")
    behind = {name for option in decision.options if option.offered for name in option.rules}
    days = sorted({day for name in behind if (day := rules().pack.rules[name].review_by)})
    assert days
    (flag,) = late(days[0] + timedelta(days=1))
    assert set(flag.rules) == {name for name in behind if rules().pack.rules[name].review_by == days[0]}
    assert flag.kind == "caution"
    assert str(days[0]) in flag.text


def test_on_the_day_itself_nothing_is_late():
    decision = decide(rules(), CASE, engine="linear")
    days = [rules().pack.rules[name].review_by for option in decision.options for name in option.rules]
    assert late(min(filter(None, days))) == []
