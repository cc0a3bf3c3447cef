"""A real cohort: the Metastatic Breast Cancer Project as `examples/mbcproject.yaml` reads it.

The data stay where they are. Where that folder is absent, what needs them is skipped.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset
import pytest

from knowledge.shipped import rules
from scale import NIGHTLY
from txselect.cohort.flat import flat_table
from txselect.cohort.job import Asked, Job
from txselect.cohort.mapping import ColumnMapping, load_mapping
from txselect.errors import InputError, Place
from txselect.pipeline import decide

CHECKOUT = Path(__file__).parents[2]
TABLE = CHECKOUT.parent / "shared/reference/cohort-mbcproject/brca_mbcproject_2022_clinical_data.tsv"
MAPPING = CHECKOUT / "examples/mbcproject.yaml"
EVERY = 1 if NIGHTLY else 6
"""Every how many rows one is decided alone."""

Found = dict[str, tuple[str, int | None, tuple[str, ...]]]
"""Status, rank and deciding rules by therapy class."""


@dataclass(frozen=True)
class Ran:
    """What the job wrote, beside what went into it. flat: the mapped rows; profiles: the nested profile of each."""

    flat: list[dict[str, Any]]
    profiles: dict[str, dict[str, Any]]
    options: dict[str, Found]
    summary: dict[str, Any]
    rejected: list[dict[str, Any]]
    page: str

    def those(self, **wanted: tuple[str | None, ...]) -> list[str]:
        """The rows in which each of these markers is one of what is wanted, by id."""
        return [
            row["id"] for row in self.flat if all(row[f"biomarker.{key}"] in among for key, among in wanted.items())
        ]

    def known(self, label: str) -> int:
        """Of how many the summary says that something is known."""
        (found,) = (one for one in self.summary["known"] if one["what"] == label)
        assert found["known"] <= found["asked"]
        return int(found["known"])


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    if not TABLE.is_file():
        pytest.skip(f"the reference table {TABLE} is not on this machine")
    place = tmp_path_factory.mktemp("mbcproject")
    header, *lines = TABLE.read_text(encoding="utf-8").splitlines()
    names = told_apart(header.split("\t"))
    table = place / "mbcproject.tsv"
    table.write_text("\n".join(["\t".join(names), *lines, ""]), encoding="utf-8")
    mapping = load_mapping(MAPPING)
    Job(Asked((table,), place / "out", rules(), mapping=mapping)).run()
    cells = zip(*(line.split("\t") for line in lines), strict=True)
    flat = mapping.flat(pa.RecordBatch.from_pydict(dict(zip(names, map(list, cells), strict=True)))).to_pylist()
    known = flat_table(list(mapping.columns), rules().pack.vocabulary, TABLE.name)
    options: dict[str, Found] = {row["id"]: {} for row in flat}
    for row in pyarrow.dataset.dataset(place / "out/options").to_table().to_pylist():
        options[row["id"]][row["therapy"]] = (row["status"], row["rank"], tuple(row["rules"].split()))
    return Ran(
        flat=flat,
        profiles={row["id"]: known.profile(row) for row in flat},
        options=options,
        summary=json.loads((place / "out/summary.json").read_text()),
        rejected=[json.loads(line) for line in (place / "out.rejected").read_text().splitlines()],
        page=(place / "out/summary.html").read_text(),
    )


def told_apart(names: list[str]) -> list[str]:
    """The names with a number at one that stands there again, as the table's `Cancer Type Detailed` does."""
    return [f"{name} ({names[:place].count(name) + 1})" if name in names[:place] else name
            for place, name in enumerate(names)]  # fmt: skip


def test_every_row_is_decided_or_rejected_with_its_problems(ran: Ran):
    summary = ran.summary
    assert summary["rows"] == len(ran.flat) == summary["decided"] + summary["rejected"]
    assert summary["rejected"] == len(ran.rejected)
    assert all(row["problems"] for row in ran.rejected)
    assert ran.rejected == []  # each word of this table is mapped, or is unknown
    assert summary["rows_out"] == sum(map(len, ran.options.values()))
    assert sum(many for _, _, many in summary["cancers"]) == summary["decided"]


def test_rows_are_decided_as_their_profiles_alone(ran: Ran):
    for name in [row["id"] for row in ran.flat][::EVERY]:
        options = decide(rules(), ran.profiles[name]).options
        alone = {o.therapy: (o.status, o.rank, o.rules) for o in options if o.status != "not_indicated"}
        assert ran.options[name] == alone


def test_options_are_counted_by_status(ran: Ran):
    counted = Counter((therapy, one[0]) for found in ran.options.values() for therapy, one in found.items())
    statuses = ("recommended", "recommended_pending", "possible", "excluded")
    for one in ran.summary["options"]:
        assert [one[status] for status in statuses] == [counted[one["therapy"], status] for status in statuses]


@pytest.mark.parametrize(
    ("label", "column"),
    [
        ("ECOG performance status", None),
        ("age", None),
        ("number of metastases", None),
        ("sex", "sex"),
        ("menopausal status", "menopausal_status"),
        ("prior therapies", "prior_therapies.complete"),
        ("metastases in bone", "cancer.sites.bone"),
        ("metastases in brain", "cancer.sites.brain"),
        ("HER2 immunohistochemistry", "biomarker.HER2_IHC"),
        ("tumour cells with oestrogen receptor", "biomarker.ER_PERCENT [%]"),
        ("PALB2 alteration (germline)", "biomarker.PALB2"),
    ],
)
def test_the_summary_says_of_how_many_something_is_known(ran: Ran, label: str, column: str | None):
    said = sum(row[column] is not None for row in ran.flat) if column else 0
    assert ran.known(label) == said < len(ran.flat)


def test_what_options_wait_for_is_said(ran: Ran):
    waits = {one["what"]: one["waits"] for one in ran.summary["missing"]}
    assert waits["ECOG performance status"] == len(ran.flat)
    assert waits["prior therapies"] == sum(row["prior_therapies.complete"] is None for row in ran.flat)
    assert waits["HER2 overexpression or amplification"] >= len(ran.those(HER2=(None, "equivocal"), HER2_IHC=(None,)))
    assert "ECOG performance status" in ran.page


def test_nothing_is_recommended_without_a_check(ran: Ran):
    """Neither fitness nor any other illness is known of anybody."""
    assert {one[0] for found in ran.options.values() for one in found.values()} == {"recommended_pending", "possible"}


def test_germline_carriers_may_have_a_parp_inhibitor(ran: Ran):
    carriers = {*ran.those(BRCA1=("positive",)), *ran.those(BRCA2=("positive",))}
    negative = {*ran.those(BRCA1=("negative",), BRCA2=("negative",))}
    not_positive = {*ran.those(HER2=("negative",), HER2_IHC=(None, "1+", "2+"), HER2_ISH=(None, "negative"))}
    treated = {row["id"] for row in ran.flat if row["prior_therapies.complete"] is None}
    assert carriers & not_positive & treated
    for name in carriers & not_positive & treated:
        status, rank, why = ran.options[name]["parp_inhibitor"]
        assert (status, rank in (1, 2)) == ("possible", True)
        assert any(rule in why for rule in ("breast.hr.parp.germline_brca", "breast.tnbc.parp.later"))
    for name in negative:
        assert "breast.hr.parp.germline_brca" not in ran.options[name].get("parp_inhibitor", ("", None, ()))[2]


def test_her2_divides_the_options(ran: Ran):
    positive = ran.those(HER2=("positive",), HER2_IHC=(None, "2+", "3+"), HER2_ISH=(None, "positive", "equivocal"))
    negative = ran.those(HER2=("negative",), HER2_IHC=(None, "1+", "2+"), HER2_ISH=(None, "negative", "equivocal"))
    unknown = ran.those(HER2=(None,), HER2_IHC=(None,), HER2_ISH=(None,))
    for_positive = {"her2_dual_antibodies_plus_taxane", "her2_adc_plus_pertuzumab", "her2_antibody"}
    for_negative = {"trop2_adc", "aromatase_inhibitor_plus_cdk4_6_inhibitor", "taxane_plus_vegf_antibody"}
    assert positive
    assert negative
    assert unknown
    for name in positive:
        assert for_positive <= ran.options[name].keys()
        assert not for_negative & ran.options[name].keys()
    for name in negative:
        assert not for_positive & ran.options[name].keys()
    for name in unknown:
        assert for_positive <= ran.options[name].keys()


def test_hormone_receptors_divide_the_options(ran: Ran):
    negative = ran.those(
        ESTROGEN_RECEPTOR=("negative",), PROGESTERONE_RECEPTOR=("negative",), **{"ER_PERCENT [%]": (None, "0")}
    )
    positive = ran.those(PROGESTERONE_RECEPTOR=("positive",))
    assert negative
    assert all("breast_endocrine_therapy" not in ran.options[name] for name in negative)
    assert all("breast_endocrine_therapy" in ran.options[name] for name in positive)


def test_bone_protection_is_for_bone_metastases(ran: Ran):
    statuses = {"present": {"recommended_pending"}, "absent": {None}, None: {"possible"}}
    for site, among in statuses.items():
        found = [ran.options[row["id"]] for row in ran.flat if row["cancer.sites.bone"] == site]
        assert {one.get("bone_protection", (None,))[0] for one in found} == among


def test_before_any_treatment_no_later_line_is_offered(ran: Ran):
    """Where diagnosis and metastases are of one day, nothing was given before."""
    first = [row["id"] for row in ran.flat if row["prior_therapies.complete"]]
    later = {"trop2_adc", "second_cdk4_6_inhibitor_plus_endocrine_therapy", "oral_serd", "emtansine_her2_adc"}
    assert first
    assert all(not later & ran.options[name].keys() for name in first)


# The mapping language


def mapped(columns: dict[str, Any], **cells: list[str]) -> dict[str, list[str | None]]:
    return (
        ColumnMapping.model_validate({"unknown": ["NA"], "columns": columns}).flat(pa.record_batch(cells)).to_pydict()
    )


def test_a_column_may_count_only_in_some_rows():
    only = {"from": "MENOPAUSE", "where": {"STAGE": ["IV", "4"], "SURE": "yes"}}
    cells = {
        "MENOPAUSE": ["pre", "pre", "pre", "NA"],
        "STAGE": ["IV ", "II", "4", "IV"],
        "SURE": ["yes", "yes", "no", "yes"],
    }
    assert mapped({"menopausal_status": only}, **cells) == {"menopausal_status": ["pre", None, None, None]}


def test_of_several_ways_the_first_that_speaks_counts():
    ways = [{"from": "NEW", "others": "unknown", "values": {"+": "positive"}}, "OLD", {"always": "negative"}]
    found = mapped({"biomarker.HER2": ways}, NEW=["+", "?", "NA"], OLD=["-", "-", "NA"])
    assert found == {"biomarker.HER2": ["positive", "-", "negative"]}


def test_a_constant_may_count_only_in_some_rows():
    found = mapped({"sex": {"always": "female", "where": {"WARD": "gynaecology"}}}, WARD=["gynaecology", "urology"])
    assert found == {"sex": ["female", None]}


def test_a_condition_on_a_column_that_is_missing_is_told():
    mapping = ColumnMapping.model_validate({"columns": {"sex": {"from": "SEX", "where": {"WRAD": "a"}}}})
    (problem,) = mapping.missing(["SEX", "WARD"], Place("people.csv"))
    assert "`WRAD`" in problem.message
    assert "WARD" in (problem.hint or "")
    assert mapping.unused(["SEX", "WRAD", "AGE"]) == ["AGE"]


def test_each_way_needs_a_source(tmp_path: Path):
    path = tmp_path / "mapping.yaml"
    path.write_text("columns:\n  sex: [SEX, {values: {m: male}}]\n")
    with pytest.raises(InputError, match="`sex` needs either"):
        load_mapping(path)
