"""What a report says, without a browser: everything of the profile and the decision, and no text becomes markup."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

import txselect
from knowledge.shipped import cases, rules
from report.hostile import TEXTS, hostile_case, hostile_document
from scale import NIGHTLY, some
from txselect.decision.reading import Reading
from txselect.decision.record import Decision
from txselect.explain.document import Document
from txselect.explain.html import fragment, page
from txselect.explain.lines import all_lines
from txselect.explain.markdown import markdown
from txselect.explain.report import decision_document, report
from txselect.model.profile import (
    BiomarkerReport,
    CancerReport,
    Case,
    MeasurementReport,
    Observation,
    PriorTherapy,
    Profile,
    TermList,
    TherapyList,
)
from txselect.pipeline import checked_profile, read

CHECKOUT = Path(__file__).parents[2]
ALL_CASES = sorted(cases())
LONG = "nsclc-histology-not-specified"
BARRED_IN_DISPUTE = "heart-graft-msi-high-colon"
some_cases = pytest.mark.parametrize("name", ALL_CASES if NIGHTLY else [*some(ALL_CASES, 16), LONG, BARRED_IN_DISPUTE])
SOURCE = str(Path(txselect.__file__).parents[1])
FORMS = (Profile, CancerReport, PriorTherapy, TherapyList, BiomarkerReport, MeasurementReport, TermList, Observation)
VOID = {"meta", "br", "hr", "img", "link", "input", "rect", "path"}


class Page(HTMLParser):
    """The texts, tags, attributes and links of a page. What is in `style` is no text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.links: list[list[str]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)
        if tag == "a":
            self.links.append([dict(attrs)["href"] or "", ""])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.pieces.append(data)
        if "a" in self._open:
            self.links[-1][1] += data

    @property
    def text(self) -> str:
        return plain(" ".join(self.pieces))


def plain(text: str) -> str:
    return " ".join(text.split())


@cache
def readings(name: str) -> tuple[Reading, Decision]:
    return read(rules(), cases()[name].profile, engine="linear")


@cache
def documents(name: str) -> Document:
    return report(cases()[name], *readings(name))


@cache
def pages(name: str) -> Page:
    return Page(page(documents(name)))


# Nothing of the profile is left out.

FULL: dict[str, Any] = {
    "as_of": "2026-06-01",
    "age": 71,
    "sex": "female",
    "ecog": 2,
    "menopausal_status": "perimenopausal",
    "hormone_state": "endocrine_resistant_secondary",
    "cancer": {
        "type": "LUAD",
        "histology": {"items": ["neuroendocrine_features", {"name": "twisted", "state": "unknown"}], "complete": False},
        "grade": 3,
        "stage": "IVB",
        "extent": "polymetastatic",
        "volume": "high",
        "timing": "metachronous",
        "metastases": 17,
        "sites": {"items": ["bone", {"name": "liver", "state": "absent"}], "complete": True},
        "resectable": False,
        "diagnosed": "2024-05-06",
        "months_since_diagnosis": 25,
    },
    "prior_therapies": {
        "items": [
            {
                "therapy": ["carboplatin", "Taxol"],
                "setting": "locally_advanced",
                "line": 4,
                "hormone_state": "hormone_sensitive",
                "start": "2024-07-08",
                "end": "2024-09-10",
                "outcome": "intolerance",
            },
            {"therapy": "osimertinib", "months_since_end": 5.5, "months_on_therapy": 11},
        ],
        "complete": False,
    },
    "biomarkers": [
        {
            "marker": "EGFR",
            "alteration": "L858R",
            "state": "positive",
            "origin": "somatic",
            "assay": "an assay of ours",
            "specimen": "pleural fluid",
            "date": "2025-02-03",
            "superseded": True,
        },
        {"marker": "PDL1_TPS", "value": 37, "unit": "%"},
    ],
    "measurements": [
        {
            "name": "haemoglobin",
            "value": 12.34567,
            "unit": "g/dL",
            "lower_limit": 11.9,
            "upper_limit": 15.8,
            "date": "2026-04-05",
        }
    ],
    "comorbidities": [],
    "findings": ["a finding that nobody knows"],
    "drugs": ["opioid"],
    "preferences": {"items": [], "complete": True},
    "other_findings": ["Speaks three languages"],
}
SAID = (
    "described as of 2026-06-01",
    "age 71 years",
    "sex female",
    "ECOG performance status 2",
    "perimenopausal",
    "hormone state endocrine resistant secondary",
    "cancer lung adenocarcinoma",
    "neuroendocrine features",
    "twisted (not recognised): unknown",
    "(the list may not be complete)",
    "grade 3",
    "stage IVB",
    "extent polymetastatic",
    "volume high",
    "timing metachronous",
    "number of metastases 17",
    "bone",
    "liver: absent",
    "(the list is complete)",
    "resectable no",
    "diagnosed 2024-05-06",
    "months since diagnosis 25",
    "carboplatin + paclitaxel (written: Taxol)",
    "locally advanced 4 hormone sensitive 2024-07-08 2024-09-10",
    "intolerance",
    "osimertinib",
    "5.5 11",
    "L858R",
    "positive somatic",
    "an assay of ours",
    "pleural fluid",
    "2025-02-03 yes",
    "37 %",
    "haemoglobin 12.34567 g/dL 11.9 15.8 2026-04-05",
    "comorbidities none listed",
    "a finding that nobody knows (not recognised)",
    "opioid",
    "preferences none listed",
    "Speaks three languages",
)


def keys_of(value: Any) -> set[str]:
    match value:
        case dict():
            return set(value).union(*map(keys_of, value.values()))
        case list():
            return set().union(*map(keys_of, value))
        case _:
            return set()


def test_a_profile_that_states_everything_is_read_in_full():
    fields = {name for form in FORMS for name in form.model_fields} - {"place"}
    assert keys_of(FULL) == fields, "a field is new: state it here, and see that it is shown"
    case = Case(id="full", title="Full", narrative="Everything is known.", profile=checked_profile(FULL))
    said = Page(page(report(case, *read(rules(), case.profile, engine="linear")))).text
    assert [words for words in SAID if words not in said] == []


def test_the_age_of_an_infant_is_one_year():
    profile = checked_profile({"age": 1, "cancer": {"type": "UESL"}})
    case = Case(id="infant", title="Infant", narrative="A sarcoma.", profile=profile)
    assert "age 1 year cancer" in Page(page(report(case, *read(rules(), profile, engine="linear")))).text


@some_cases
def test_every_number_day_and_free_text_of_a_shipped_profile_is_in_the_report(name: str):
    said = pages(name).text
    dumped = cases()[name].profile.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    assert [text for text in free_texts(dumped) if text not in said] == []


def free_texts(value: Any, key: str = "") -> Iterator[str]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from free_texts(inner, name)
        case list():
            for inner in value:
                yield from free_texts(inner, key)
        case bool():
            return
        case int() | float():
            yield f"{value:.15g}"
        case _ if key in (
            "date",
            "start",
            "end",
            "diagnosed",
            "unit",
            "assay",
            "specimen",
            "alteration",
            "other_findings",
        ):
            yield plain(value)


# Nor of the decision.


@some_cases
def test_every_option_is_there_with_its_reasons_its_sources_and_what_it_waits_for(name: str):
    said, (_, decision) = pages(name), readings(name)
    wanted = {option.label for option in decision.options}
    for option in decision.options:
        wanted |= {reason.because for reason in option.reasons if reason.is_for is option.offered}
        wanted |= {pending.what for pending in option.pending} | {source.name for source in option.evidence}
        wanted |= {reason.experts_differ for reason in option.reasons if reason.is_for is option.offered}
        wanted |= {*option.agents, option.before_next or ""}
    for option in decision.offered:
        wanted |= {note.text for note in option.cautions if note.certain}
    text = said.text.casefold()
    assert [words for words in wanted if plain(words).casefold() not in text] == []


@some_cases
def test_flags_assumptions_and_what_the_decision_was_made_with_are_there(name: str):
    said, (_, decision) = pages(name).text.casefold(), readings(name)
    wanted = {flag.text for flag in decision.flags} | {assumption.text for assumption in decision.assumptions}
    wanted |= {reason.because for reason in decision.intent_reasons} | {decision.conclusion, decision.cancer}
    wanted |= {decision.rule_set.sha256, decision.profile_sha256, decision.rule_set.version, str(decision.as_of)}
    wanted |= {f"{decision.engine.name} {decision.engine.version}", decision.txselect}
    assert [words for words in wanted if plain(words).casefold() not in said] == []


@some_cases
def test_the_disclaimer_is_there_once(name: str):
    disclaimer = readings(name)[1].disclaimer
    assert pages(name).text.count(disclaimer) == 1
    assert Page(fragment(decision_document(readings(name)[1]))).text.count(disclaimer) == 1


@some_cases
def test_checked_identifiers_lead_to_their_registers(name: str):
    links, (_, decision) = pages(name).links, readings(name)
    sources = {source.id: source for option in decision.options for source in option.evidence}.values()
    wanted = {f"https://clinicaltrials.gov/study/{source.nct}": source.nct for source in sources if source.nct}
    wanted |= {f"https://pubmed.ncbi.nlm.nih.gov/{s.pmid}": f"PMID {s.pmid}" for s in sources if s.pmid}
    wanted |= {f"https://doi.org/{source.doi}": f"doi {source.doi}" for source in sources if source.doi}
    assert dict(links) == wanted


def test_markdown_says_what_the_page_says_except_for_the_captions_of_drawings():
    for name in ("vision-population", "driver-two-drivers", "progression-only-before-metastases"):
        on_the_page = set(pages(name).text.split())
        in_markdown = set(texts_of(markdown(documents(name))).split())
        assert {word for word in in_markdown - on_the_page if word.isalpha()} == set()
        figures = "From left to right: what the profile says, what follows from it, the rules, the options."
        assert figures not in texts_of(markdown(documents(name)))
        headings = [part.title for part in documents(name).parts if hasattr(part, "title")]
        assert [title for title in headings if f"\n## {title}" not in markdown(documents(name))] == []


# No text becomes markup.


def texts_of(text: str) -> str:
    """What a reader of Markdown sees."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    inline = [child for token in tokens for child in (token.children or ())]
    return plain(" ".join(child.content for child in inline if child.type == "text"))


def hostile_documents() -> list[Document]:
    case = hostile_case()
    return [hostile_document(), report(case, *read(rules(), case.profile, engine="linear"))]


@pytest.mark.parametrize("document", hostile_documents(), ids=["every block", "a case"])
@pytest.mark.parametrize("rendering", [page, fragment])
def test_no_text_becomes_a_tag_or_an_attribute(document: Document, rendering: Any):
    made = Page(rendering(document))
    assert not {"script", "img", "i", "b"} & set(made.tags)
    assert [name for name, _ in made.attributes if name.startswith("on")] == []
    assert [value for _, value in made.attributes if value and value.startswith("javascript:")] == []


def test_every_text_is_on_the_page_as_it_was_given():
    for rendering in (page, fragment):
        said = Page(rendering(hostile_document())).text
        assert [text for text in TEXTS if plain(text) not in said] == []


@pytest.mark.parametrize("document", hostile_documents(), ids=["every block", "a case"])
def test_no_text_becomes_markdown(document: Document):
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown(document))
    inside = [child for token in tokens for child in (token.children or ())]
    kinds = {token.type for token in [*tokens, *inside]}
    assert not kinds & {
        "html_block",
        "html_inline",
        "image",
        "fence",
        "code_block",
        "code_inline",
        "hr",
        "blockquote_open",
    }
    assert "ordered_list_open" not in kinds
    addresses = [str(token.attrs["href"]) for token in inside if token.type == "link_open"]
    assert [address for address in addresses if not address.startswith("https://")] == []


def test_every_text_is_in_the_markdown_as_it_was_given():
    said = "".join(texts_of(markdown(hostile_document())).split())
    assert [text for text in TEXTS if "".join(text.split()) not in said] == []


def test_only_the_drawing_goes_into_a_page_as_markup():
    templates = (CHECKOUT / "src/txselect/explain/templates").iterdir()
    safe = [(file.name, file.read_text().count("|safe")) for file in templates if "|safe" in file.read_text()]
    assert safe == [("blocks.html", 1)]


# The same case gives the same page, and a drawing is whole.


def test_the_same_case_gives_the_same_bytes_in_every_process(tmp_path: Path):
    made = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": SOURCE}
        command = [sys.executable, "-m", "txselect", "report", "cases/lung/driver-two-drivers.yaml", "-o", "-"]
        made.add(subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, check=True).stdout)
    assert len(made) == 1
    assert made.pop().startswith(b"<!DOCTYPE html>")


@some_cases
def test_every_drawing_is_well_formed(name: str):
    drawings = [
        part.svg for section in documents(name).parts for part in getattr(section, "parts", ()) if hasattr(part, "svg")
    ]
    for svg in drawings:
        assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert drawings or not any(option.offered or option.status == "excluded" for option in readings(name)[1].options)


def test_what_is_drawn_is_on_the_page_in_words_too():
    said = pages("pantumor02-ovarian").text
    reasoning = next(
        part for part in documents("pantumor02-ovarian").parts if getattr(part, "title", "") == "Reasoning"
    )
    lines = [line for part in reasoning.parts for line in all_lines(getattr(part, "lines", ()))]
    assert any("…" in part.svg for part in reasoning.parts if hasattr(part, "svg"))
    assert lines
    assert [line for line in lines if plain(line.sentence()) not in said] == []


@some_cases
def test_each_option_is_drawn_or_said_to_be_left_out(name: str):
    _, decision = readings(name)
    titles = [
        part
        for section in documents(name).parts
        if getattr(section, "title", "") == "Reasoning"
        for part in section.parts
    ]
    drawn = {line.text for part in titles if hasattr(part, "lines") for line in part.lines}
    left_out = " ".join(part.text for part in titles if hasattr(part, "text"))
    wanted = [option.label for option in decision.options if option.offered or option.status == "excluded"]
    assert [label for label in wanted if label not in drawn and label not in left_out] == []
