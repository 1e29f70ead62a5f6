"""The notebook as it is stored: run afresh it says the same, and it holds nothing but that."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NAME = "customer_segmentation_analysis.ipynb"
STORED = Path(__file__).parent.parent / "notebooks" / NAME

TEXTS = ("text/plain", "text/html", "text/markdown")


@pytest.fixture(scope="module")
def stored() -> nbformat.NotebookNode:
    return nbformat.read(STORED, as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def said(cell: nbformat.NotebookNode) -> list[str]:
    """Return the texts of a cell's outputs; a picture counts as a picture, whatever it shows."""
    texts: list[str] = []
    before = None
    for output in cell.outputs:
        if output.output_type == "stream":
            # On a busy machine what is printed comes in several pieces.
            if before is not None and output.name == before.get("name"):
                texts[-1] += output.text
            else:
                texts.append(f"{output.name}: {output.text}")
            before = output
            continue
        before = None
        assert output.output_type in ("execute_result", "display_data"), output
        # A picture's own text is its size, which hangs on the fonts of the machine.
        kinds = ("image/png",) if "image/png" in output.data else TEXTS
        texts += [
            kind if kind == "image/png" else f"{kind}: {output.data[kind]}"
            for kind in kinds
            if kind in output.data
        ]
    return texts


@pytest.mark.slow
def test_run_afresh_it_says_what_is_stored(stored, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    folder = tmp_path / "notebooks"
    folder.mkdir()
    fresh = nbformat.read(shutil.copy(STORED, folder), as_version=4)
    for cell in code_cells(fresh):
        cell.outputs, cell.execution_count = [], None
    NotebookClient(fresh, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    for before, after in zip(code_cells(stored), code_cells(fresh), strict=True):
        assert said(after) == said(before), before.id
    assert [path.name for path in folder.iterdir()] == [NAME]


def test_it_shows_the_results(stored):
    text = "\n".join(text for cell in code_cells(stored) for text in said(cell))
    for expected in (
        "inertia 65.568, silhouette 0.5547",
        "k = 5: the inertia curve bends at k = 5",
        "No natural grouping",
        "one of which holds 125 of 200 customers: too coarse to act on",
        "The next segment would be Average Customers; the margin is 1.55.",
    ):
        assert expected in text
    table = re.findall(r"^(\D+?) +(\d+) +([\d.]+) +([\d.]+)$", text, re.MULTILINE)
    assert [row for row in table if row[0].endswith(("Customers", "Seekers"))] == [
        ("Average Customers", "81", "55.30", "49.52"),
        ("Premium Customers", "39", "86.54", "82.13"),
        ("Potential Customers", "35", "88.20", "17.11"),
        ("Low-Value Customers", "23", "26.30", "20.91"),
        ("Deal Seekers", "22", "25.73", "79.36"),
    ]
    assert text.count("image/png") == 5


def test_it_was_run_from_top_to_bottom(stored):
    cells = code_cells(stored)
    assert [cell.execution_count for cell in cells] == [*range(1, len(cells) + 1)]
    assert [cell.id for cell in cells if "stderr" in str(said(cell))] == []


def test_it_holds_no_trace_of_the_machine(stored):
    assert stored.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert [cell.id for cell in stored.cells if cell.metadata] == []
    sources = "\n".join(cell.source for cell in stored.cells)
    outputs = "\n".join(text for cell in code_cells(stored) for text in said(cell))
    assert re.findall(r"(?<![\w.~<-])/\w+/|\b[A-Z]:\\|0x[0-9a-f]{6,}", sources + outputs) == []


def test_its_cells_are_short(stored):
    assert [cell.id for cell in code_cells(stored)[1:] if cell.source.count("\n") >= 12] == []
    assert STORED.stat().st_size < 1_000_000
