"""A stored notebook is what the course promises: one shape, executed, and nothing of a machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import get_session

from tools.exercise_cells import said
from tools.runner import find

IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<path>[^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# A lab runs by itself, and the same in both places.
NOT_IN_A_LAB = re.compile(
    r"\binput\(|\bis_local\b|(import|from) labcloud|AWS_ENDPOINT_URL|LABCLOUD_|localhost|127\.0\."
)
UNCOMPARED = {"nbval-ignore-output"}


@pytest.fixture
def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture
def outputs(code: list[Any]) -> list[Any]:
    return [output for cell in code for output in cell.outputs]


@pytest.fixture
def text(notebook: Any) -> str:
    """All prose, without code blocks."""
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return FENCED.sub("", "\n\n".join(cells))


def section(text: str, title: str) -> str:
    """What stands below a heading."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_it_leads_to_its_neighbours_and_to_aws_s_pages(
    notebook: Any, text: str, path: Path
) -> None:
    links = re.findall(r"\]\(([^)#]+)", text)
    for link in links:
        assert link.startswith("https://") or (path.parent / link).exists(), link
    opening = notebook.cells[0].source
    assert "[All labs](../README.md) · [Glossary](../glossary.md)" in opening
    order = find(path.parents[1], [])
    names = [each.name for each in order]
    place = names.index(path.name)
    neighbours = names[max(0, place - 1) : place] + names[place + 1 : place + 2]
    assert all(f"{name})" in opening for name in neighbours)
    last = section(text, "What you learned")
    assert last.count("(https://docs.aws.amazon.com/") >= 2
    assert "**In AWS's console**" in last


def test_every_request_leads_to_aws_s_page_of_it(notebook: Any, code: list[Any], text: str) -> None:
    """What a cell sends with boto3, but for the many that describe, list and delete."""
    called = {
        match[0]
        for cell in code
        for match in re.finditer(r"(?:create|update|stop|invoke)_\w+(?=\()", cell.source)
    }
    pages = {
        xform_name(operation): f"API_{kind}{operation}.html"
        for service, kind in (("sagemaker", ""), ("sagemaker-runtime", "runtime_"))
        for operation in get_session().get_service_model(service).operation_names
    }
    assert [pages[name] for name in called & set(pages) if f"/{pages[name]})" not in text] == []


def test_the_kernel_is_python3_and_nothing_else_is_stored(notebook: Any) -> None:
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert all(set(cell.metadata) <= {"tags", "jupyter"} for cell in notebook.cells)


def test_every_cell_was_executed_in_order(code: list[Any]) -> None:
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


def test_outputs_hold_no_errors_and_no_warnings(outputs: list[Any]) -> None:
    assert [output for output in outputs if output.output_type == "error"] == []
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []


def test_outputs_are_not_redrawn_or_widgets(outputs: list[Any]) -> None:
    assert [output for output in outputs if output.output_type == "update_display_data"] == []
    assert [output for output in outputs if "display_id" in str(output.get("transient"))] == []
    kinds = {kind for output in outputs for kind in output.get("data", {})}
    assert [kind for kind in kinds if "widget" in kind] == []


def test_code_asks_nobody_and_does_not_look_where_it_runs(code: list[Any]) -> None:
    found = [match[0] for cell in code for match in NOT_IN_A_LAB.finditer(cell.source)]
    assert found == []


def test_most_outputs_are_compared(code: list[Any]) -> None:
    uncompared = [cell for cell in code if UNCOMPARED & set(cell.metadata.get("tags", []))]
    assert len(uncompared) <= len(code) / 4


def test_no_cell_is_left_out_of_the_run(code: list[Any]) -> None:
    assert [cell for cell in code if "nbval-skip" in cell.metadata.get("tags", [])] == []
    # Comments have the same effect as tags, and a learner would read them.
    assert [cell for cell in code if "NBVAL_" in cell.source] == []


def test_it_begins_with_its_title_and_a_picture(notebook: Any, path: Path) -> None:
    opening = notebook.cells[0].source.partition("\n## ")[0]
    number = path.stem.partition("-")[0]
    assert re.match(rf"# Lab {number} · \S", opening)
    assert len(IMAGE.findall(opening)) == 1


def test_sections_come_in_order(text: str) -> None:
    headings = re.findall(r"^##? (.+)", text, re.MULTILINE)
    steps = [heading for heading in headings if heading.startswith("Step ")]
    assert headings[1:] == [
        "What you will learn", "Before you start", *steps,
        "Exercises", "Clean up", "What you learned",
    ]  # fmt: skip
    numbers = [re.match(r"Step (\d+) · \S", step) for step in steps]
    assert [int(found[1]) for found in numbers if found] == list(range(1, len(steps) + 1))
    assert steps


def test_three_to_five_things_will_be_learned(text: str) -> None:
    goals = re.findall(r"^(?:\d+\.|-) \S", section(text, "What you will learn"), re.MULTILINE)
    assert 3 <= len(goals) <= 5


def test_time_cost_and_needs_are_said_before_the_start(text: str) -> None:
    before = section(text, "Before you start")
    assert re.search(r"\d+ minutes", before)
    for row in ("Time", "Cost on AWS", "Quotas on AWS", "Needed"):
        assert f"**{row}**" in before
    # How many machines of which type, for what.
    assert re.search(r"\*\*Quotas on AWS\*\* \| .*`ml\.m5\.large`s? for ", before)
    # What Studio's own space costs on top.
    assert "README.md#in-sagemaker-studio)" in before


def test_it_ends_with_what_comes_next(notebook: Any) -> None:
    last = notebook.cells[-1]
    assert last.cell_type == "markdown"
    assert re.search(r"^\*\*Next:\*\* \S", last.source, re.MULTILINE)


def test_the_exercises_stand_in_their_section_and_say_not_attempted(notebook: Any) -> None:
    heading = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            heading = (re.findall(r"^## (.+)", cell.source, re.MULTILINE) or [heading])[-1]
        elif any(tag.startswith("exercise-") for tag in cell.metadata.get("tags", [])):
            assert heading == "Exercises"
            assert ": not attempted: " in said(cell.outputs)


def test_clean_up_is_a_cell_that_shows_what_it_deleted(notebook: Any) -> None:
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert "clean_up(lab" in cells[-1].source
    assert any(output.get("name") == "stdout" for output in cells[-1].outputs)


def test_every_picture_is_there_and_is_described(text: str, path: Path) -> None:
    pictures = list(IMAGE.finditer(text))
    assert [picture[0] for picture in pictures if len(picture["alt"]) < 20] == []
    assert [p["path"] for p in pictures if not (path.parent / p["path"]).is_file()] == []
    assert "<img" not in text


def test_every_cell_that_draws_says_it_in_words(code: list[Any]) -> None:
    sources = [cell.source for cell in code]
    assert [source for source in sources if "plt.show(" in source] == []
    drawing = [source for source in sources if re.search(r"\bplt\.\w+\(|labhelpers.plots", source)]
    assert [source for source in drawing if "show_plot(" not in source] == []


def test_every_plot_has_an_alternative_text_that_is_printed_too(code: list[Any]) -> None:
    """JupyterLab does not give it to the picture of a plot."""
    for cell in code:
        pictures = [o for o in cell.outputs if "image/png" in o.get("data", {})]
        assert len(pictures) <= 1
        for picture in pictures:
            alternative = picture.metadata.get("image/png", {}).get("alt", "")
            assert len(alternative) >= 40
            # Said as printed, but for the ends of lines.
            printed = " ".join(" ".join(o.get("text", "") for o in cell.outputs).split())
            assert f"In words: {alternative}" in printed
