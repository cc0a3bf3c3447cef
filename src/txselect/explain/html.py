"""Documents as HTML: a page that needs nothing else, or a fragment that takes the colours of where it stands."""

from __future__ import annotations

from txselect.decision.record import Decision
from txselect.explain.document import Document
from txselect.explain.lines import SIGNS, Explanation
from txselect.explain.report import decision_document, explanation_document
from txselect.explain.templating import rendered

_ASKED_FOR = "_repr_html_"
"""The method that notebooks look for."""


def page(document: Document) -> str:
    """A whole page, fit to print on A4: no script, nothing fetched from elsewhere."""
    return rendered("page.html", document=document, signs=SIGNS, folded=False)


def fragment(document: Document) -> str:
    """An element to stand in another page, its longer sections folded."""
    return rendered("fragment.html", document=document, signs=SIGNS, folded=True)


def decision_html(decision: Decision) -> str:
    """A decision as a fragment."""
    return fragment(decision_document(decision))


def explanation_html(explanation: Explanation) -> str:
    """An explanation as a fragment."""
    return fragment(explanation_document(explanation))


def show_in_notebooks() -> None:
    """Lets decisions and explanations show themselves as HTML where a notebook asks for it.

    It is attached from here because a decision stands below all renderings and knows none of them.
    """
    for record, rendering in ((Decision, decision_html), (Explanation, explanation_html)):
        setattr(record, _ASKED_FOR, rendering)
