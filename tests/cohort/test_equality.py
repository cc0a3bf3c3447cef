"""A cohort is decided as each of its patients alone: the same statuses, ranks and rules."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.both import alone, from_table, together
from cohort.population import Population
from knowledge.shipped import cases, rules
from laws.strategies import pack_with, profiles, rule_lists
from scale import NIGHTLY, examples
from txselect.cohort.flat import flat_table
from txselect.cohort.job import Asked, Job
from txselect.model.rules import Rule
from txselect.pipeline import Rules, decide, load_rules
from txselect.shipped import shipped_folder

SIZE = 20_000 if NIGHTLY else 700


@pytest.mark.slow
def test_every_shipped_case_is_decided_as_alone():
    given = [case.profile for case in cases().values()]
    values = [json.loads(profile.model_dump_json(exclude_none=True, exclude_defaults=True)) for profile in given]
    assert together(rules(), values) == [alone(rules(), profile) for profile in given]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_population_is_decided_as_its_patients_alone(seed: int):
    found, nested = from_table(rules(), Population(rules().pack.vocabulary, SIZE, seed).table())
    assert all(options is not None for options in found)
    assert found == [alone(rules(), profile) for profile in nested]


@pytest.mark.slow
def test_a_population_with_days_and_contradictions_is_decided_as_its_patients_alone():
    table = Population(rules().pack.vocabulary, SIZE // 2, 3).table_with_days()
    found, nested = from_table(rules(), table)
    assert 0 < found.count(None) < len(found)  # some end before they begin, some are decided
    assert found == [alone(rules(), profile) for profile in nested]


def test_nested_profiles_are_decided_as_the_rows_that_they_are():
    found, nested = from_table(rules(), Population(rules().pack.vocabulary, 20_000 if NIGHTLY else 4_000, 4).table())
    assert together(rules(), nested) == found


@settings(max_examples=examples(150, nightly=2_000))
@given(made=rule_lists(), patients=st.lists(profiles(), min_size=1, max_size=6))
def test_made_up_rules_decide_made_up_patients_together_as_alone(made: list[Rule], patients: list[dict[str, Any]]):
    pack = Rules(pack_with(made))
    assert together(pack, patients) == [alone(pack, patient) for patient in patients]


def test_what_is_counted_is_what_is_decided(tmp_path: Path):
    """Statuses, exclusions by rule, and what options wait for, against decisions of one patient at a time."""
    table = Population(rules().pack.vocabulary, 400, 5).table()
    pq.write_table(table, tmp_path / "people.parquet")
    Job(Asked((tmp_path / "people.parquet",), tmp_path / "out", rules())).run()
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary == {**summary, **counted(table)}


def counted(table: pa.Table) -> dict[str, Any]:
    """What a summary says of a table, from single decisions."""
    flat = flat_table(table.column_names, rules().pack.vocabulary, "-")
    statuses: dict[str, Counter[str]] = {}
    waits: Counter[str] = Counter()
    settles: Counter[str] = Counter()
    exclusions: Counter[tuple[str, str]] = Counter()
    for row in table.to_pylist():
        waiting: set[str] = set()
        settling: set[str] = set()
        for option in decide(rules(), flat.profile(row), engine="linear").options:
            statuses.setdefault(option.therapy, Counter())[option.status] += 1
            what = {pending.what for pending in option.pending}
            waiting |= what
            settling |= what if len(what) == 1 else set()
            exclusions.update((option.therapy, reason.rule) for reason in option.reasons if not reason.is_for)
        waits.update(waiting)
        settles.update(settling)
    words = rules().pack.vocabulary.therapies
    return {
        "rows": table.num_rows,
        "decided": table.num_rows,
        "options": sorted(
            (
                {"therapy": therapy, "label": words[therapy].label, **{status: found[status] for status in STATUSES}}
                for therapy, found in statuses.items()
                if sum(found[status] for status in STATUSES)
            ),
            key=lambda one: (*(-one[status] for status in STATUSES), one["therapy"]),
        ),
        "missing": sorted(
            ({"what": what, "waits": many, "settles": settles[what]} for what, many in waits.items()),
            key=lambda one: (-one["settles"], -one["waits"], one["what"]),
        ),
        "exclusions": sorted(
            (
                {
                    "therapy": therapy,
                    "label": words[therapy].label,
                    "rule": rule,
                    "because": rules().pack.rules[rule].because,
                    "patients": many,
                }
                for (therapy, rule), many in exclusions.items()
            ),
            key=lambda one: (-one["patients"], *one.values()),
        ),
    }


STATUSES = ("recommended", "recommended_pending", "possible", "excluded")


def test_everything_that_is_told_of_one_patient_is_told_of_each(tmp_path: Path):
    table = Population(rules().pack.vocabulary, 60, 8).table_with_days()
    pq.write_table(table, tmp_path / "people.parquet")
    counts = Job(Asked((tmp_path / "people.parquet",), tmp_path / "out", rules(), explain="full")).run()
    assert counts.decided > 20
    assert counts.rejected > 20
    pending = {(row["id"], row["therapy"]): row["pending"] for row in rows_of(tmp_path / "out" / "options")}
    flags = rows_of(tmp_path / "out" / "flags")
    for name, profile in nested(table).items():
        if alone(rules(), profile) is not None:
            decision = decide(rules(), profile, engine="linear")
            said = [
                (flag["kind"], flag["text"], *map(tuple, (flag["about"], flag["rules"])))
                for flag in flags
                if flag["id"] == name
            ]
            assert said == [(flag.kind, flag.text, flag.about, flag.rules) for flag in decision.flags]
            shown = {o.therapy: [f"{p.what} ({p.state})" for p in o.pending] for o in decision.options}
            assert {therapy: pending[name, therapy] for therapy in shown if (name, therapy) in pending} == {
                therapy: waits for therapy, waits in shown.items() if (name, therapy) in pending
            }


def test_only_what_changed_from_older_rules_is_written_and_all_of_it(tmp_path: Path):
    shutil.copytree(shipped_folder("rules"), tmp_path / "rules")
    (tmp_path / "rules" / "common" / "trials.yaml").unlink()
    older = load_rules(tmp_path / "rules")
    table = Population(rules().pack.vocabulary, 300, 9).table()
    pq.write_table(table, tmp_path / "people.parquet")
    Job(Asked((tmp_path / "people.parquet",), tmp_path / "out", rules(), against=older)).run()
    nothing = (None, None, ())
    expected = {
        (name, therapy): (before, after)
        for name, profile in nested(table).items()
        for was, now in [(alone(older, profile) or {}, alone(rules(), profile) or {})]
        for therapy in {**was, **now}
        if (before := was.get(therapy, nothing)) != (after := now.get(therapy, nothing))
    }
    found = {
        (row["id"], row["therapy"]): tuple(
            (row[f"status{when}"], row[f"rank{when}"], tuple((row[f"rules{when}"] or "").split()))
            for when in ("_before", "")
        )
        for row in rows_of(tmp_path / "out" / "changes")
    }
    assert expected
    assert found == expected
    changes = json.loads((tmp_path / "out" / "summary.json").read_text())["changes"]
    turned = sum(before[0] != after[0] for before, after in expected.values())
    assert sum(change["patients"] for change in changes) == turned


def nested(table: pa.Table) -> dict[str, Any]:
    """The profiles of a flat table by name."""
    flat = flat_table(table.column_names, rules().pack.vocabulary, "-")
    return {row["id"]: flat.profile(row) for row in table.to_pylist()}


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [row for file in sorted(folder.glob("*.parquet")) for row in pq.read_table(file).to_pylist()]


@pytest.mark.slow
def test_spark_decides_as_this_machine_does(tmp_path: Path):
    """Real Spark, two workers: the same options, rejected rows and counts."""
    spark = pytest.importorskip("txselect.cohort.spark")
    table = Population(rules().pack.vocabulary, 20_000 if NIGHTLY else 4_000, 6).table()
    broken = pc.if_else(
        pa.array([n % 1000 == 7 for n in range(len(table))]), "NOWHERE", table["cancer.type"].cast("string")
    )
    table = table.set_column(table.column_names.index("cancer.type"), "cancer.type", broken)
    pq.write_table(table, tmp_path / "people.parquet", row_group_size=3_000)
    lines = [
        json.dumps({"id": case.id, "profile": json.loads(case.profile.model_dump_json(exclude_none=True))})
        for case in cases().values()
    ]
    (tmp_path / "cases.jsonl").write_text("\n".join(lines))
    paths = (tmp_path / "people.parquet", tmp_path / "cases.jsonl")
    here = Job(Asked(paths, tmp_path / "here", rules())).run()
    there = spark.run_on_spark(Asked(paths, tmp_path / "there", rules()))
    assert there == here
    assert here.rejected == len(table) // 1000
    columns = ["id", "therapy", "status", "rank", "rules"]
    assert rows_in(tmp_path / "there" / "part=option", columns) == rows_in(tmp_path / "here" / "options", columns)
    assert problems_in(tmp_path / "there.rejected") == problems_in(tmp_path / "here.rejected")
    summaries = [json.loads((tmp_path / out / "summary.json").read_text()) for out in ("here", "there")]
    assert summaries[0] == summaries[1]


def rows_in(folder: Path, columns: list[str]) -> list[tuple[Any, ...]]:
    tables = [pq.read_table(file, columns=columns) for file in sorted(folder.glob("*.parquet"))]
    plain = [pa.table([column.cast(pa.string()) for column in table.columns], names=columns) for table in tables]
    return sorted(zip(*(pa.concat_tables(plain)[name].to_pylist() for name in columns), strict=True), key=repr)


def problems_in(file: Path) -> list[tuple[str, list[dict[str, Any]]]]:
    found = [json.loads(line) for line in file.read_text().splitlines()]
    return sorted((row["id"], row["problems"]) for row in found)
