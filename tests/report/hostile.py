"""Texts that try to be markup and words that do not end, wherever a case, a rule or a drawing takes text."""

from itertools import pairwise
from typing import get_args

from txselect.errors import Place
from txselect.explain.document import (
    Block,
    Document,
    Entry,
    Facts,
    Figure,
    Items,
    Link,
    Paragraph,
    Section,
    Steps,
    Table,
)
from txselect.explain.graph import Box, BoxKind, Graph
from txselect.explain.lines import Line
from txselect.explain.picture import Sheet
from txselect.language.validation import validated
from txselect.model.profile import Case

SCRIPT = "</title></style></svg></p><script>document.title='taken'</script>"
IMAGE = "\"'><img src=x onerror=alert(1)>"
MARKDOWN = "1. # ~~~ `code` [link](javascript:alert) ![x](x.png) &lt;b&gt; | *a* _b_ <i>c</i> \\"
TEMPLATE = "{{ 7 * 7 }} {% include 'style.css' %}"
ENDLESS = "W" * 300
TEXTS = (SCRIPT, IMAGE, MARKDOWN, TEMPLATE, ENDLESS, "- a\n- b", "+ a", "===", "---", "12) a", "> a", "    a")


def hostile_case() -> Case:
    profile = {
        "as_of": "2026-06-01",
        "ecog": 1,
        "cancer": {"type": "PRAD", "extent": "metastatic", "histology": [IMAGE], "sites": ["bone", SCRIPT]},
        "hormone_state": "castration_resistant",
        "prior_therapies": [{"therapy": ["abiraterone"], "outcome": "progression"}],
        "biomarkers": [
            {"marker": "PSMA_PET", "state": "positive", "assay": f"{IMAGE} {MARKDOWN}", "specimen": ENDLESS},
            {"marker": "BRCA2", "state": "positive", "alteration": SCRIPT, "assay": TEMPLATE},
        ],
        "findings": [MARKDOWN, "bone_pain"],
        "other_findings": list(TEXTS),
    }
    source = {"kind": "constructed", "citation": MARKDOWN, "given": SCRIPT, "differs": IMAGE}
    narrative = f"{IMAGE} {TEMPLATE} {ENDLESS}"
    case = {
        "id": "hostile",
        "title": f"{SCRIPT} {MARKDOWN}",
        "narrative": narrative,
        "source": source,
        "profile": profile,
    }
    return validated(Case, case, Place("hostile"))


def hostile_document() -> Document:
    """Every kind of block, with every text in every place that takes one."""
    parts = tuple(block for text in TEXTS for block in _blocks(text))
    return Document(SCRIPT, (*parts, Section(SCRIPT, parts)), IMAGE)


def _blocks(text: str) -> tuple[Block, ...]:
    entry = Entry(text, (Link(text, "https://example.org/10.1/(a)%22%3E"),))
    line = Line("met", text, found=text, parts=(Line("failed", text),))
    return (
        Paragraph(text),
        Paragraph(text, strong=True),
        Items((entry, entry)),
        Facts(((text, (entry,)), (text, (entry, entry)))),
        Table((text, text), ((text, text),)),
        Steps((line,)),
        Figure(_drawing(text), text, (line,)),
    )


def _drawing(text: str) -> str:
    boxes = {kind: Box(kind, "met", text, text) for kind in get_args(BoxKind)}
    names = list(boxes)
    return Sheet((), Graph(boxes, tuple(pairwise(names)))).svg()
