"""The notebook of the examples, run against a real kernel."""

from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))

pytestmark = pytest.mark.slow


@cache
def run(path: Path) -> NotebookNode:
    """The notebook with the outputs of its cells; a cell that fails stops it with its traceback."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": EXAMPLES}}).execute()
    return notebook


def shown_as(notebook: NotebookNode, kind: str) -> list[str]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return [output["data"][kind] for output in outputs if kind in output.get("data", {})]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_outputs(path: Path):
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert code
    assert [cell.outputs for cell in code if cell.outputs or cell.execution_count] == []


def test_the_tour_runs_and_shows_the_decision_and_its_explanations_as_html():
    shown = shown_as(run(EXAMPLES / "tour.ipynb"), "text/html")
    assert [html.count('<div class="txselect">') for html in shown] == [1] * 7
    decision, why, why_not, what_if, next_test, nearest, compared = shown
    assert "<table>" in decision
    assert "PSMA" in why
    assert "PARP" in why_not
    assert "BRCA2" in what_if
    assert "whatever it shows" in next_test
    assert "to be found out" in nearest
    assert "this decides" in compared
