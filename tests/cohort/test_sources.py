"""What files say: every kind of cell, every odd file, and each row read as the same profile is read alone."""

import gzip
import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from cohort.jobs import DAY, lines, problems, refused, rules, run, said, said_alone, table
from txselect.cohort.job import Asked, Job

THERAPY = {"therapy": ["docetaxel"]}
PATIENT = {"as_of": DAY, "cancer": {"type": "PRAD", "extent": "metastatic"}, "ecog": 1}


def written(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def only_problem(*paths: Path, **options: Any) -> str:
    (problem,) = refused(*paths, **options)
    assert problem.code in ("TX014", "TX040")
    return problem.message


# The same profile as a row and alone

CELLS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "plain": ({"ecog": "1"}, {"ecog": 1}),
    "blanks around": (
        {"ecog": " 1 ", "cancer.extent": " metastatic "},
        {"ecog": 1, "cancer": {"extent": "metastatic"}},
    ),
    "number with a point": ({"ecog": "1.0"}, {"ecog": 1}),
    "half a number": ({"ecog": "1.5"}, {"ecog": 1.5}),
    "no number": ({"ecog": "one"}, {"ecog": "one"}),
    "beyond": ({"ecog": "5", "age": "-1"}, {"ecog": 5, "age": -1}),
    "unknown word": ({"cancer.extent": "everywhere"}, {"cancer": {"extent": "everywhere"}}),
    "unknown cancer": ({"cancer.type": "PRADX"}, {"cancer": {"type": "PRADX"}}),
    "no cancer": ({"cancer.type": ""}, {"cancer": {"type": None}}),
    "alias": (
        {"cancer.type": "acinar adenocarcinoma of the prostate"},
        {"cancer": {"type": "acinar adenocarcinoma of the prostate"}},
    ),
    "list": (
        {"comorbidities": "rheumatoid arthritis ; autoimmune disease"},
        {"comorbidities": ["rheumatoid arthritis", "autoimmune disease"]},
    ),
    "list with nothing between": (
        {"comorbidities": ";rheumatoid_arthritis;;"},
        {"comorbidities": ["rheumatoid_arthritis"]},
    ),
    "empty list": ({"comorbidities": ";"}, {"comorbidities": []}),
    "list with unknown words": ({"comorbidities": "gout;itch"}, {"comorbidities": ["gout", "itch"]}),
    "open list": (
        {"comorbidities": "rheumatoid_arthritis", "comorbidities.complete": "no"},
        {"comorbidities": {"items": ["rheumatoid_arthritis"], "complete": False}},
    ),
    "sites": ({"cancer.sites": "bone;skeleton;liver"}, {"cancer": {"sites": ["bone", "skeleton", "liver"]}}),
    "flag": ({"cancer.resectable": "TRUE"}, {"cancer": {"resectable": True}}),
    "flag as a number": ({"cancer.resectable": "0"}, {"cancer": {"resectable": False}}),
    "flag as a word": ({"cancer.resectable": "perhaps"}, {"cancer": {"resectable": "perhaps"}}),
    "day": ({"cancer.diagnosed": "2025-01-31"}, {"cancer": {"diagnosed": "2025-01-31"}}),
    "no day": ({"cancer.diagnosed": "2025-02-30"}, {"cancer": {"diagnosed": "2025-02-30"}}),
    "day to come": ({"cancer.diagnosed": "2027-01-01"}, {"cancer": {"diagnosed": "2027-01-01"}}),
    "another day of decision": ({"as_of": "2025-01-01"}, {"as_of": "2025-01-01"}),
    "no day of decision": ({"as_of": "yesterday"}, {"as_of": "yesterday"}),
    "far day of decision": ({"as_of": "0201-01-01"}, {"as_of": "0201-01-01"}),
    "marker": (
        {"biomarker.EGFR p.L858R": "positive"},
        {"biomarkers": [{"marker": "EGFR p.L858R", "state": "positive"}]},
    ),
    "marker not tested": (
        {"biomarker.EGFR p.L858R": "not_tested"},
        {"biomarkers": [{"marker": "EGFR p.L858R", "state": "not_tested"}]},
    ),
    "marker as a word": (
        {"biomarker.EGFR p.L858R": "wild"},
        {"biomarkers": [{"marker": "EGFR p.L858R", "state": "wild"}]},
    ),
    "measured marker": (
        {"biomarker.PDL1_TPS": "60"},
        {"biomarkers": [{"marker": "PDL1_TPS", "value": 60, "unit": "%"}]},
    ),
    "measured marker not tested": (
        {"biomarker.PDL1_TPS": "not_tested"},
        {"biomarkers": [{"marker": "PDL1_TPS", "state": "not_tested"}]},
    ),
    "measured marker beyond": (
        {"biomarker.PDL1_TPS": "101"},
        {"biomarkers": [{"marker": "PDL1_TPS", "value": 101, "unit": "%"}]},
    ),
    "measured marker as a word": (
        {"biomarker.PDL1_TPS": "high"},
        {"biomarkers": [{"marker": "PDL1_TPS", "value": "high", "unit": "%"}]},
    ),
    "step of a scale": ({"biomarker.HER2_IHC": "2+"}, {"biomarkers": [{"marker": "HER2_IHC", "value": "2+"}]}),
    "no step of a scale": ({"biomarker.HER2_IHC": "5+"}, {"biomarkers": [{"marker": "HER2_IHC", "value": "5+"}]}),
    "measurement": (
        {"measurement.haemoglobin [g/L]": "120"},
        {"measurements": [{"name": "haemoglobin", "value": 120, "unit": "g/L"}]},
    ),
    "measurement beyond": (
        {"measurement.haemoglobin [g/L]": "12"},
        {"measurements": [{"name": "haemoglobin", "value": 12, "unit": "g/L"}]},
    ),
    "measurement with a comma": (
        {"measurement.haemoglobin [g/L]": "12,5"},
        {"measurements": [{"name": "haemoglobin", "value": "12,5", "unit": "g/L"}]},
    ),
    "measurement that is none": (
        {"measurement.haemoglobin [g/L]": "nan"},
        {"measurements": [{"name": "haemoglobin", "value": float("nan"), "unit": "g/L"}]},
    ),
    "measurement without end": (
        {"measurement.haemoglobin [g/L]": "inf"},
        {"measurements": [{"name": "haemoglobin", "value": float("inf"), "unit": "g/L"}]},
    ),
    "therapy": (
        {"prior.1.therapy": "Taxotere", "prior.1.line": "1", "prior.1.months_since_end": "2.5"},
        {"prior_therapies": [{"therapy": ["Taxotere"], "line": 1, "months_since_end": 2.5}]},
    ),
    "two names of a therapy": (
        {"prior.1.therapy": "docetaxel;carboplatin"},
        {"prior_therapies": [{"therapy": ["docetaxel", "carboplatin"]}]},
    ),
    "therapy without a name": ({"prior.1.outcome": "progression"}, {"prior_therapies": [{"outcome": "progression"}]}),
    "unknown therapy": ({"prior.1.therapy": "hope"}, {"prior_therapies": [{"therapy": ["hope"]}]}),
    "therapy that ends before it starts": (
        {"prior.1.therapy": "docetaxel", "prior.1.start": "2025-02-01", "prior.1.end": "2025-01-01"},
        {"prior_therapies": [{"therapy": ["docetaxel"], "start": "2025-02-01", "end": "2025-01-01"}]},
    ),
    "everything at once": (
        {"ecog": "7", "age": "old", "cancer.extent": "x", "comorbidities": "gout", "biomarker.PDL1_TPS": "-3"},
        {
            "ecog": 7,
            "age": "old",
            "cancer": {"extent": "x"},
            "comorbidities": ["gout"],
            "biomarkers": [{"marker": "PDL1_TPS", "value": -3, "unit": "%"}],
        },
    ),
}


def profile_of(said: dict[str, Any]) -> dict[str, Any]:
    cancer = {"type": "PRAD", "extent": "metastatic", **said.get("cancer", {})}
    return {"as_of": DAY, "ecog": 1, **said, "cancer": cancer}


def cells_of(said: dict[str, str]) -> dict[str, str]:
    return {"as_of": DAY, "ecog": "1", "cancer.type": "PRAD", "cancer.extent": "metastatic", **said}


NO_NUMBER = re.compile(r"\b(NaN|Infinity)\b")
PROFILES = {name: profile_of(said) for name, (_, said) in CELLS.items()}
ROWS = [{"id": name, **cells_of(said)} for name, (said, _) in CELLS.items()]


def csv_of(rows: list[dict[str, str]], delimiter: str = ",", end: str = "\n") -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    quoted = ([f'"{row.get(name, "")}"' if row.get(name) else "" for name in names] for row in rows)
    return end.join([delimiter.join(f'"{name}"' for name in names), *map(delimiter.join, quoted), ""])


@pytest.mark.parametrize(("delimiter", "end"), [(",", "\n"), (",", "\r\n"), ("\t", "\n")])
def test_each_row_of_a_csv_file_is_told_of_as_its_profile_is_alone(tmp_path: Path, delimiter: str, end: str):
    name = "patients.tsv" if delimiter == "\t" else "patients.csv"
    assert said(run(written(tmp_path / name, csv_of(ROWS, delimiter, end)))) == said_alone(PROFILES)


def test_each_row_of_a_table_of_texts_is_told_of_as_its_profile_is_alone(tmp_path: Path):
    assert said(run(table(tmp_path / "patients.parquet", ROWS))) == said_alone(PROFILES)


def test_each_row_is_told_of_alike_through_a_mapping(tmp_path: Path):
    names = list(dict.fromkeys(name for row in ROWS for name in row))
    text = csv_of([{f"C{names.index(name)}": cell for name, cell in row.items()} for row in ROWS])
    columns = {name: f"C{place}" for place, name in enumerate(names)}
    mapping = written(tmp_path / "mapping.yaml", json.dumps({"columns": columns}))
    assert said(run(written(tmp_path / "patients.csv", text), mapping=mapping)) == said_alone(PROFILES)


def test_each_line_is_told_of_as_its_profile_is_alone(tmp_path: Path):
    profiles = {name: profile for name, profile in PROFILES.items() if NO_NUMBER.search(json.dumps(profile)) is None}
    cases = [{"id": name, "profile": profile} for name, profile in profiles.items()]
    assert len(profiles) == len(PROFILES) - 2  # JSON has no word for what is no number
    assert said(run(lines(tmp_path / "patients.jsonl", cases))) == said_alone(profiles)


def test_each_nested_row_is_told_of_as_its_profile_is_alone(tmp_path: Path):
    profiles = {
        "good": PATIENT
        | {"comorbidities": {"items": [{"name": "rheumatoid_arthritis", "state": "present"}], "complete": True}},
        "none": PATIENT | {"comorbidities": None},
        "wrong": PATIENT
        | {"ecog": 9, "comorbidities": {"items": [{"name": "gout", "state": "here"}], "complete": None}},
        "no cancer": PATIENT | {"cancer": None},
        "therapies": PATIENT | {"prior_therapies": [{"therapy": ["docetaxel"], "line": 1, "outcome": None}]},
    }
    path = table(tmp_path / "patients.parquet", [{"id": name, **profile} for name, profile in profiles.items()])
    assert said(run(path)) == said_alone({name: without_nothing(profile) for name, profile in profiles.items()})


def without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nothing(item) for key, item in value.items() if item is not None}
    return [without_nothing(item) for item in value] if isinstance(value, list) else value


# Kinds of columns


def test_columns_of_every_kind_say_the_same_as_texts(tmp_path: Path):
    texts = [
        {
            "id": "1",
            "cancer.type": "PRAD",
            "as_of": DAY,
            "cancer.diagnosed": "2025-12-01",
            "ecog": "1",
            "cancer.resectable": "false",
            "measurement.haemoglobin [g/dL]": "12.5",
            "biomarker.PDL1_TPS": "50",
            "comorbidities": "rheumatoid_arthritis",
        },
        {"id": "2", "cancer.type": "LUAD"},
        {"id": "3", "cancer.type": "LUAD", "as_of": "2025-01-01", "cancer.diagnosed": "2025-12-01", "ecog": "4"},
    ]
    typed = [
        {
            "id": 1,
            "cancer.type": "PRAD",
            "as_of": date(2026, 6, 1),
            "cancer.diagnosed": datetime.fromisoformat("2025-12-01T13:00"),
            "ecog": 1,
            "cancer.resectable": False,
            "measurement.haemoglobin [g/dL]": Decimal("12.50"),
            "biomarker.PDL1_TPS": 50,
            "comorbidities": ["rheumatoid_arthritis"],
        },
        {"id": 2, "cancer.type": "LUAD"},
        {
            "id": 3,
            "cancer.type": "LUAD",
            "as_of": date(2025, 1, 1),
            "cancer.diagnosed": datetime.fromisoformat("2025-12-01"),
            "ecog": 4,
        },
    ]
    as_texts = run(written(tmp_path / "texts.csv", csv_of(texts)), out=tmp_path / "a")
    types: dict[str, pa.DataType] = {
        "cancer.type": pa.dictionary(pa.int8(), pa.string()),
        "comorbidities": pa.list_(pa.string()),
    }
    as_types = run(table(tmp_path / "types.parquet", typed, **types), out=tmp_path / "b")
    assert as_types.options == as_texts.options
    assert [(row["id"], problems(row)) for row in as_types.rejected] == [
        (row["id"], problems(row)) for row in as_texts.rejected
    ]


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.large_string())])
def test_texts_of_every_kind_are_texts(tmp_path: Path, kind: pa.DataType):
    rows = [
        {"id": "a", "cancer.type": "PRAD", "cancer.extent": "metastatic", "ecog": 1},
        {"id": "b", "cancer.type": None, "ecog": 1},
    ]
    types = dict.fromkeys(("id", "cancer.type", "cancer.extent"), kind)
    done = run(table(tmp_path / "p.parquet", rows, **types))
    assert said(done) == said_alone(
        {
            "a": {"cancer": {"type": "PRAD", "extent": "metastatic"}, "ecog": 1},
            "b": {"cancer": {"type": None}, "ecog": 1},
        }
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300, 0.0])
def test_a_number_that_is_none_is_rejected_as_it_is_alone(tmp_path: Path, value: float):
    path = table(tmp_path / "p.parquet", [{"id": "a", "cancer.type": "PRAD", "measurement.haemoglobin [g/dL]": value}])
    assert said(run(path)) == said_alone(
        {"a": {"cancer": {"type": "PRAD"}, "measurements": [{"name": "haemoglobin", "value": value, "unit": "g/dL"}]}}
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ecog", {"value": 1}),
        ("ecog", [1]),
        ("comorbidities", [{"name": "rheumatoid_arthritis"}]),
        ("biomarker.EGFR", ["positive"]),
        ("cancer.type", ["PRAD"]),
    ],
)
def test_a_column_whose_values_can_be_no_cell_is_an_error(tmp_path: Path, name: str, value: Any):
    path = table(tmp_path / "p.parquet", [{"cancer.type": "PRAD", name: value}])
    assert f"the column `{name}` holds " in only_problem(path)
    assert not (tmp_path / "out").exists()


def test_days_and_decimals_are_read_through_a_mapping(tmp_path: Path):
    rows = [
        {
            "NR": Decimal("12345678901234567890"),
            "DAY": datetime.fromisoformat("2026-06-01T12:00"),
            "HB": Decimal("12.50"),
        }
    ]
    mapping = written(
        tmp_path / "m.yaml",
        "columns: {cancer.type: {always: PRAD}, as_of: DAY, 'measurement.haemoglobin [g/dL]': HB, id: NAME}",
    )
    done = run(table(tmp_path / "p.parquet", [row | {"NAME": "a"} for row in rows]), mapping=mapping)
    report = {"name": "haemoglobin", "value": 12.5, "unit": "g/dL"}
    assert said(done) == said_alone({"a": {"as_of": DAY, "cancer": {"type": "PRAD"}, "measurements": [report]}})


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("cancer.type", 7, {"cancer": {"type": "7"}}),
        ("comorbidities", 5, {"comorbidities": ["5"]}),
        ("comorbidities", True, {"comorbidities": ["true"]}),
        ("cancer.extent", b"localised", {"cancer": {"type": "PRAD", "extent": "localised"}}),
        ("biomarker.HER2_IHC", b"2+", {"biomarkers": [{"marker": "HER2_IHC", "value": "2+"}]}),
        ("biomarker.HER2_IHC", 2, {"biomarkers": [{"marker": "HER2_IHC", "value": "2"}]}),
        ("biomarker.ALK", True, {"biomarkers": [{"marker": "ALK", "state": "positive"}]}),
        ("prior.1.therapy", 5, {"prior_therapies": [{"therapy": ["5"]}]}),
        ("as_of", 2026, {"as_of": 2026}),
        ("ecog", True, {"ecog": True}),
        ("ecog", 1.0, {"ecog": 1}),
    ],
)
def test_a_value_of_another_kind_is_read_or_rejected_as_it_is_alone(
    tmp_path: Path, name: str, value: Any, part: dict[str, Any]
):
    path = table(tmp_path / "p.parquet", [{"id": "a", "cancer.type": "PRAD", name: value}])
    assert said(run(path)) == said_alone({"a": {"cancer": {"type": "PRAD"}, **part}})


def test_days_of_another_kind_reject_their_rows(tmp_path: Path):
    rows = [{"cancer.type": "PRAD", "prior.1.therapy": "docetaxel", "prior.1.start": day} for day in (None, 2024)]
    assert run(table(tmp_path / "p.parquet", rows)).rows_rejected == [2]


# Names of patients


def test_a_patient_without_a_name_is_called_by_file_and_row(tmp_path: Path):
    text = '# comment\nid,cancer.type,ecog\n,PRAD,1\n\n b ,PRAD,1\n"",PRAD,1\n'
    assert names_in(run(written(tmp_path / "p.csv", text))) == {"p:3", "b", "p:6"}


def test_without_a_column_of_names_file_and_row_are_the_name(tmp_path: Path):
    text = "cancer.type,ecog\nPRAD,1\n\nPRAD,1\n"
    assert names_in(run(written(tmp_path / "p.csv", text))) == {"p:2", "p:4"}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ([1, None, 3], {"1", "p:2", "3"}),
        ([1.0, None, 123456789012.0], {"1", "p:2", "123456789012"}),
        (["", " ", "c"], {"p:1", "p:2", "c"}),
        (["a", "b", "c"], {"a", "b", "c"}),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_names_in_parquet(tmp_path: Path, given: list[Any], named: set[str], nested: bool):
    patient = {"cancer": {"type": "PRAD", "extent": "metastatic"}} if nested else {"cancer.type": "PRAD"}
    path = table(tmp_path / "p.parquet", [{"id": name, "ecog": 1, **patient} for name in given])
    assert names_in(run(path)) == named


def test_names_of_cases(tmp_path: Path):
    cases = [{"id": 17, "profile": PATIENT}, {"id": None, "profile": PATIENT}, {"profile": PATIENT}, PATIENT]
    assert names_in(run(lines(tmp_path / "p.ndjson", cases))) == {"17", "p:2", "p:3", "p:4"}


def names_in(done: Any) -> set[str]:
    assert done.rejected == []
    return {name for name, *_ in done.options}


# Columns


def test_a_byte_order_mark_before_a_comment_or_the_header_is_nothing(tmp_path: Path):
    for number, comment in enumerate(("", "# from a registry\n")):
        path = written(tmp_path / f"{number}.csv", f"\ufeff{comment}id,cancer.type\na,PRAD\n")
        assert run(path, out=tmp_path / str(number)).counts.decided == 1


def test_a_header_may_have_quotes_commas_and_line_ends(tmp_path: Path):
    text = 'id,"cancer.type","remarks, long","two\nlines"\na,PRAD,x,y\nb,WRONG,x,y\n'
    done = run(written(tmp_path / "p.csv", text))
    assert set(done.summary["ignored"]) == {"remarks, long", "two\nlines"}
    assert done.rows_rejected == [4]


def test_unknown_columns_are_named_with_what_they_may_have_meant(tmp_path: Path):
    done = run(written(tmp_path / "p.csv", "id,cancer.type,ecgo,hospital\na,PRAD,9,x\n"))
    assert done.summary["ignored"] == {"ecgo": "did you mean `ecog`?", "hospital": ""}


def test_unknown_columns_of_nested_tables_are_named_too(tmp_path: Path):
    path = table(tmp_path / "p.parquet", [{"id": "a", **PATIENT, "commorbidities": ["x"], "place": "home"}])
    done = run(path)
    assert done.counts.decided == 1
    assert done.summary["ignored"] == {"commorbidities": "did you mean `comorbidities`?", "place": ""}


def test_columns_that_a_mapping_does_not_read_are_named(tmp_path: Path):
    mapping = written(tmp_path / "m.yaml", "columns: {cancer.type: A}")
    assert run(written(tmp_path / "p.csv", "A,B\nPRAD,x\n"), mapping=mapping).summary["ignored"] == {"B": ""}


def test_two_columns_of_one_name_are_an_error(tmp_path: Path):
    text = "the columns 2, 4 all have the name `ecog`"
    assert only_problem(written(tmp_path / "p.csv", "cancer.type,ecog,age,ecog\nPRAD,1,1,2\n")) == text
    columns = [pa.array(["PRAD"]), pa.array([1]), pa.array([1]), pa.array([2])]
    twice = pa.Table.from_arrays(columns, ["cancer.type", "ecog", "age", "ecog"])
    pyarrow.parquet.write_table(twice, tmp_path / "p.parquet")
    assert only_problem(tmp_path / "p.parquet") == text


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("cancer.type,biomarker.EGFR_L858R,biomarker.EGFR p.L858R", "is the same marker as `biomarker.EGFR_L858R`"),
        ("cancer.type,measurement.haemoglobin", "the column `measurement.haemoglobin` does not say its unit"),
        ("id,ecog", "there is no column `cancer.type`"),
        ("id;cancer.type", "there is no column `cancer.type`"),
    ],
)
def test_columns_that_cannot_be_meant_are_an_error(tmp_path: Path, header: str, message: str):
    assert message in only_problem(written(tmp_path / "p.csv", f"{header}\n"))
    assert not (tmp_path / "out").exists()


def test_a_mapping_for_lines_is_an_error(tmp_path: Path):
    mapping = written(tmp_path / "m.yaml", "columns: {cancer.type: A}")
    assert "mapped in a table only" in only_problem(lines(tmp_path / "p.jsonl", [PATIENT]), mapping=mapping)


def test_a_mapping_of_columns_that_are_not_there_is_an_error_with_a_hint(tmp_path: Path):
    mapping = written(tmp_path / "m.yaml", "columns: {cancer.type: CANCER, ecog: {from: [ECOGG, ECOG]}}")
    (problem,) = refused(written(tmp_path / "p.csv", "CANCER,ECOG\nPRAD,1\n"), mapping=mapping)
    assert (problem.message, problem.hint) == (
        "`ecog` comes from `ECOGG`, which the table does not have",
        "did you mean `ECOG`?",
    )


def test_a_mapping_takes_the_first_that_speaks_and_knows_what_says_nothing(tmp_path: Path):
    mapping = written(
        tmp_path / "m.yaml",
        """\
unknown: [NA]
columns:
  id: NR
  cancer.type: {always: PRAD}
  ecog: {from: [LATE, EARLY]}
  biomarker.ALK: {from: FUSION, values: {Detected: positive, None: negative}, others: unknown}
""",
    )
    rows = "NR,LATE,EARLY,FUSION\n1,NA,2,Detected\n2,,NA,None\n3, 1 ,2,?\n4,8,1,Detected\n"
    profiles: dict[str, Any] = {
        "1": {"ecog": 2, "biomarkers": [{"marker": "ALK", "state": "positive"}]},
        "2": {"biomarkers": [{"marker": "ALK", "state": "negative"}]},
        "3": {"ecog": 1},
        "4": {"ecog": 8, "biomarkers": [{"marker": "ALK", "state": "positive"}]},
    }
    cancer = {"cancer": {"type": "PRAD"}}
    done = run(written(tmp_path / "p.csv", rows), mapping=mapping)
    assert said(done) == said_alone({name: profile | cancer for name, profile in profiles.items()})


# Files that are not what they should be


@pytest.mark.parametrize("name", ["p.parquet", "p.csv", "p.tsv"])
def test_an_empty_table_is_an_error(tmp_path: Path, name: str):
    assert "cannot be read" in (text := only_problem(written(tmp_path / name, ""))) or "no line with" in text
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("name", "text"), [("p.jsonl", ""), ("p.jsonl", "\n\r\n  \n"), ("p.csv", "cancer.type\n")])
def test_a_file_without_patients_decides_none(tmp_path: Path, name: str, text: str):
    assert run(written(tmp_path / name, text)).counts.rows == 0


def test_a_table_without_rows_decides_none(tmp_path: Path):
    pyarrow.parquet.write_table(pa.table({"cancer.type": pa.array([], pa.string())}), tmp_path / "p.parquet")
    assert run(tmp_path / "p.parquet").counts.rows == 0


@pytest.mark.parametrize("name", ["p.jsonl", "p.csv", "p.parquet", "p.yaml"])
def test_a_file_that_is_not_there_is_an_error(tmp_path: Path, name: str):
    assert only_problem(tmp_path / name)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["p.jsonl", "p.csv"])
def test_parquet_by_another_name_is_an_error(tmp_path: Path, name: str):
    table(tmp_path / "p.parquet", [{"cancer.type": "PRAD"}]).rename(tmp_path / name)
    assert only_problem(tmp_path / name)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["p.jsonl", "p.csv", "p.parquet"])
def test_a_compressed_file_is_an_error(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(gzip.compress(b"cancer.type\nPRAD\n"))
    assert only_problem(tmp_path / name)


def test_csv_by_the_name_of_lines_is_rejected_line_by_line(tmp_path: Path):
    done = run(written(tmp_path / "p.jsonl", "cancer.type,ecog\nPRAD,1\n"))
    assert done.rows_rejected == [1, 2]
    assert "not readable as JSON" in done.rejected[0]["problems"][0]["problem"]


@pytest.mark.parametrize("cut", [3, 4, 100, 2_000])
def test_parquet_that_is_cut_is_an_error(tmp_path: Path, cut: int):
    path = table(tmp_path / "p.parquet", [{"cancer.type": "PRAD", "id": str(n)} for n in range(1_000)])
    path.write_bytes(path.read_bytes()[:-cut])
    assert only_problem(path).startswith("cannot be read: ")
    assert not (tmp_path / "out").exists()


# Lines


@pytest.mark.parametrize(
    ("line", "reads"),
    [
        ('\ufeff{"cancer": {"type": "PRAD"}}', True),
        ('{"id": "\\u0022", "profile": {"cancer": {"type": "PRAD"}}}', True),
        ('{"id": "x", "weight": NaN, "profile": {"cancer": {"type": "PRAD"}}}', True),
        ('{"cancer": {"type": "PRAD"}, "cancer": {"type": "PRAD"}}', False),
        ('{"cancer": {"type": "\\u0022\\u0022"}, "ecog": 1, "ecog": 2}', False),
        ('{"cancer": {"type": "PRAD"}, "place": "home"}', False),
        ('{"cancer": {"type": "PRAD"}, "ecog": NaN}', False),
        ('{"cancer": {"type": 5}}', False),
        ('{"cancer": "PRAD"}', False),
        ("[1]", False),
        ("null", False),
        ("nothing", False),
        ('{"cancer": {"type": "PR\\ud800AD"}}', False),
        ("[" * 5_000, False),
    ],
)
def test_a_line_is_read_or_rejected_by_itself(tmp_path: Path, line: str, reads: bool):
    good = json.dumps(PATIENT)
    done = run(written(tmp_path / "p.jsonl", f"{line}\n\n{good}\n"))
    assert (done.counts.rows, done.rows_rejected) == (2, [] if reads else [1])


def test_a_line_that_is_no_text_is_rejected(tmp_path: Path):
    (tmp_path / "p.jsonl").write_bytes(b'{"cancer": {"type": "PR\xffAD"}}\n' + json.dumps(PATIENT).encode())
    done = run(tmp_path / "p.jsonl")
    assert (done.rows_rejected, problems(done.rejected[0])) == (
        [1],
        {("TX014", "not UTF-8 text", "save the file as UTF-8")},
    )


# Rows


def test_rows_that_are_none_are_rejected_and_stop_nothing(tmp_path: Path):
    content = (
        b'# a comment\n\nid,cancer.type,ecog\n\na,PRAD,1\n"b\nb",PRAD,1\n\nc,PRAD\nd,PRAD,1,2\n'
        b'\xe4,PRAD,1\ne,PRAD,7\nf"f,PRAD,1\n"g""",PRAD,1\n'
    )
    (tmp_path / "p.csv").write_bytes(content)
    done = run(tmp_path / "p.csv")
    assert {name for name, *_ in done.options} == {"a", "b\nb", 'f"f', 'g"'}
    assert {row["row"]: row["problems"][0]["problem"] for row in done.rejected} == {
        9: "2 cells, where the table has 3 columns",
        10: "4 cells, where the table has 3 columns",
        11: "not UTF-8 text",
        12: "`ecog`: expected at most 4, not `7`",
    }
    assert {row["file"] for row in done.rejected} == {(tmp_path / "p.csv").as_posix()}


def test_rows_none_of_which_is_one_are_all_rejected(tmp_path: Path):
    assert run(written(tmp_path / "p.csv", "id,cancer.type\na\nb\n")).rows_rejected == [2, 3]


@pytest.mark.parametrize(
    ("end", "problem"),
    [
        ("c,PR", "`type`: unknown"),
        ("c", "1 cell, where the table has 2 columns"),
        ('c,"PRAD', "a quoted cell is not closed before the file ends"),
        ('"c', "a quoted cell is not closed before the file ends"),
    ],
)
def test_csv_that_is_cut_in_a_row_loses_that_row_only(tmp_path: Path, end: str, problem: str):
    done = run(written(tmp_path / "p.csv", f"id,cancer.type\na,PRAD\nb,PRAD\n{end}"))
    assert (done.counts.decided, done.rows_rejected) == (2, [4])
    if "unknown" not in problem:
        assert done.rejected[0]["problems"][0]["problem"] == problem


def test_a_quote_that_is_never_closed_is_told_with_its_row(tmp_path: Path):
    rest = "b,PRAD\n" * 3_000_000
    path = written(tmp_path / "p.csv", f'id,cancer.type\na,PRAD\n"b,PRAD\n{rest}')
    (problem,) = refused(path)
    assert (problem.place.line, problem.message) == (3, "the row that begins here does not end within 8,388,608 bytes")


def test_the_profiles_above_are_of_every_kind():
    found = said_alone(PROFILES).values()
    wrong = [one for one in found if any("TX" in code for code, *_ in one)]
    assert 15 < len(wrong) < len(PROFILES) - 15
    assert max(map(len, wrong)) == 3


# Whatever stands in a cell, a job says of it what is said of it alone


@pytest.mark.parametrize(
    ("cells", "said_else"),
    [
        ({"prior.1.therapy": "docetaxel", "prior.1.start": "2024"}, {"prior_therapies": [THERAPY | {"start": "2024"}]}),
        ({"prior.1.therapy": "docetaxel", "prior.1.end": "x"}, {"prior_therapies": [THERAPY | {"end": "x"}]}),
        ({"prior.1.therapy": "docetaxel", "prior.1.line": "9" * 20}, {"prior_therapies": [THERAPY | {"line": 10**20}]}),
        ({"age": "6_0"}, {"age": "6_0"}),
        ({"age": "６０"}, {"age": "６０"}),  # noqa: RUF001
        (
            {"findings.visceral_crisis": "yes", "findings.complete": "perhaps"},
            {"findings": {"items": [{"name": "visceral_crisis", "state": "present"}], "complete": "perhaps"}},
        ),
    ],
)
def test_an_odd_cell_rejects_its_row_alone(tmp_path: Path, cells: dict[str, str], said_else: dict[str, Any]):
    rows = [{"id": "odd", **cells_of(cells)}, {"id": "good", **cells_of({})}]
    profiles = {"odd": profile_of(said_else), "good": profile_of({})}
    assert said(run(written(tmp_path / "p.csv", csv_of(rows)))) == said_alone(profiles)


@pytest.mark.parametrize("odd", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("as_text", [True, False])
def test_what_is_no_number_stands_for_none_and_none_for_it(tmp_path: Path, odd: str, as_text: bool):
    values = {"a": odd, "b": "1", "c": odd, "d": "2"}
    rows = [
        {"id": name, "cancer.type": "PRAD", "measurement.calcium [mmol/L]": value if as_text else float(value)}
        for name, value in values.items()
    ]
    reports = {name: {"name": "calcium", "value": float(value), "unit": "mmol/L"} for name, value in values.items()}
    expected = {name: {"cancer": {"type": "PRAD"}, "measurements": [report]} for name, report in reports.items()}
    assert said(run(table(tmp_path / "p.parquet", rows))) == said_alone(expected)


@pytest.mark.parametrize("nested", [True, False])
def test_a_wrong_day_is_told_even_where_another_is_asked_for(tmp_path: Path, nested: bool):
    rows = [{"cancer.type": "PRAD", "as_of": "yesterday"}]
    path = tmp_path / ("p.jsonl" if nested else "p.parquet")
    path = lines(path, [PATIENT | {"as_of": "yesterday"}]) if nested else table(path, rows)
    counts = Job(Asked((path,), tmp_path / "out", rules(), day=date(2026, 6, 1))).run()
    assert (counts.decided, counts.rejected) == (0, 1)
