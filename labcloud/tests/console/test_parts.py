"""The parts of the console that need no server: templates, static files, charts, and texts."""

from __future__ import annotations

import hashlib
import math
import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from labcloud.console import shown
from labcloud.console.charts import chart
from labcloud.console.jobs import places, row
from labcloud.console.kinds import BY_PATH, KINDS
from labcloud.console.pages import HERE, environment
from labcloud.sagemaker.operations import OPERATIONS
from labcloud.sagemaker.resources import JOBS

TEMPLATES = sorted((HERE / "templates").glob("*.html"))
# Of htmx 2.0.11, as npm has it.
SHIPPED = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"


def test_what_is_shipped_of_others_is_what_they_published() -> None:
    content = (HERE / "static" / "htmx.min.js").read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHIPPED
    assert "Zero-Clause BSD" in (HERE / "static" / "htmx.LICENSE.txt").read_text()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_turns_text_into_markup(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", text)
    # Its policy would refuse them.
    assert not re.search(r"\sstyle=|<style|<script>|\son\w+=|javascript:", text)
    for form in re.findall(r"<form.*?</form>", text, re.S):
        if 'method="post"' in form:
            assert 'name="proof" value="{{ proof }}"' in form
            # Before the file: it is checked before anything is stored.
            assert form.find('name="proof"') < (form.find('type="file"') % len(form))


def test_what_a_template_shows_is_escaped() -> None:
    made = environment().from_string("<p title='{{ text }}'>{{ text }}</p>")
    said = made.render(text="<b>'\"&\x1b[31m\u202e")
    assert said == (
        "<p title='&lt;b&gt;&#39;&#34;&amp;#033[31m#20056'>"
        "&lt;b&gt;&#39;&#34;&amp;#033[31m#20056</p>"
    )
    # Half a character, as JSON spells it, which no page could carry.
    half = made.render(text="a\ud83db")
    assert half.encode() == b"<p title='a#154075b'>a#154075b</p>"
    with pytest.raises(UndefinedError):
        environment().from_string("{{ missing }}").render()


def test_every_kind_of_job_is_there() -> None:
    assert {kind.resource.kind for kind in KINDS} == {job.resource.kind for job in JOBS}
    for kind in KINDS:
        assert (f"Delete{kind.resource.title}" in OPERATIONS) == kind.deletes
        assert f"Stop{kind.resource.title}" in OPERATIONS


def test_an_address_is_quoted() -> None:
    assert shown.url("s3", "b/c", key="a&b=?#é /") == (
        "/_console/s3/b%2Fc?key=a%26b%3D%3F%23%C3%A9%20%2F"
    )
    assert shown.url("s3", **{"a#b&": "1"}) == "/_console/s3?a%23b%26=1"
    assert shown.url("") == "/_console/"
    assert shown.url("models", "\ud83d", after="\udc00") == "/_console/models/%3F?after=%3F"


def test_numbers_of_strangers() -> None:
    assert [shown.number(each) for each in (0.5, 7, 10**400, -(10**400), float("nan"))] == [
        "0.5", "7", "inf", "-inf", "nan",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("dollars", "said"),
    [(None, "–"), (0, "$0.00"), (1e-9, "under $0.0001"), (0.0123, "$0.0123"), (0.115, "$0.115"),
     (0.999, "$1.00"), (1234.5, "$1,234.50")],
)  # fmt: skip
def test_money(dollars: float | None, said: str) -> None:
    assert shown.money(dollars) == said


def test_a_chart_holds_all_finite_points() -> None:
    found = chart("t", [("a", [(1, 2.0), (2, math.nan), (3, math.inf), (4, -1.0)])], "x", "y")
    assert found is not None
    assert list(found.series[0].values) == [(1, 2.0), (4, -1.0)]
    for x, y in found.series[0].points:
        assert found.left <= x <= found.right
        assert found.top <= y <= found.bottom
    assert "2 values, from -1 to 2" in found.description
    assert chart("t", [("a", [(1, math.nan)])], "x", "y") is None
    assert chart("t", [], "x", "y") is None


def test_a_chart_of_the_smallest_numbers() -> None:
    """Some floats have no fifth, and a step of 1e-14 has its digits behind the twelfth place."""
    for values in ((0.0, 5e-324), (-1e-320, 1e-320), (1e-310, 5e-310), (0.1, 0.1 + 1e-13)):
        points = list(enumerate(values, 1))
        found = chart("t", [("a", points)], "x", "y")
        assert found
        assert len(found.y_ticks) == 1
        assert len(found.series[0].points) == 2
    assert chart("t", [("a", [(5e-324, 1.0)])], "x", "y", logarithmic=True) is None
    found = chart("t", [("a", [(1, 1e-14), (2, 9e-14)])], "x", "y")
    assert found
    assert [text for _, text in found.y_ticks] == ["0", "2e-14", "4e-14", "6e-14", "8e-14", "1e-13"]
    assert len({place for place, _ in found.y_ticks}) == 6


@pytest.mark.parametrize(
    "values", [(5.0,), (1e-300, 1e149), (0.0, 0.0), (-1e149, 1e149), (1.0, 1.0 + 1e-15), (0, 1e308)]
)
def test_a_chart_of_odd_values(values: tuple[float, ...]) -> None:
    points = [(float(place), value) for place, value in enumerate(values)]
    found = chart("t", [("a", points)], "x", "y")
    assert found is not None
    assert all(math.isfinite(each) for point in found.series[0].points for each in point)
    assert len(found.y_ticks) <= 12


def test_a_chart_as_a_table() -> None:
    series = [("train", [(1.0, 0.5), (2.0, 0.25)]), ("test", [(2.0, 0.75), (3.0, math.nan)])]
    found = chart("t", series, "step", "loss")
    assert found is not None
    assert found.rows == [("1", ["0.5", "–"]), ("2", ["0.25", "0.75"])]
    # Several values at one place, and places that are names.
    dots = chart(
        "t", [("loss", [(1.0, 2.0), (0.0, 1.0), (1.0, 3.0)])], "booster", "loss", dots=True,
        categories=["a", "a-name-of-many-letters" * 3],
    )  # fmt: skip
    assert dots is not None
    assert dots.rows == [("a", ["1"]), (dots.categories[1], ["2"]), (dots.categories[1], ["3"])]
    assert dots.x_ticks[1][1].endswith("…")
    many = chart("t", [("loss", [(float(n), 1.0) for n in range(1234)])], "step", "loss")
    assert many is not None
    assert (len(many.rows), many.left_out, many.rows[-1][0]) == (100, 1134, "1233")
    shown_as = environment().from_string('{% from "macros.html" import chart %}{{ chart(c, "c") }}')
    text = shown_as.render(c=many)
    assert "Show as a table" in text
    assert "1,134 stand before them" in text


def test_a_chart_says_its_unit() -> None:
    drawn = environment().from_string('{% from "macros.html" import chart %}{{ chart(c, "c") }}')
    found = chart("ModelLatency", [("a", [(1.0, 2.0)])], "minutes from now", "average, ms")
    assert '<span class="unit">average, ms</span>' in drawn.render(c=found)
    assert "unit" not in drawn.render(c=chart("rmse", [("a", [(1.0, 2.0)])], "x", "rmse"))


def test_a_status_is_said_once() -> None:
    kind, record = BY_PATH["training-jobs"], {"TrainingJobName": "a", "CreationTime": 0.0}
    for status, second, shown_beside in (
        ("InProgress", "Training", "Training"),
        ("Stopping", "Stopping", None),
        ("Completed", "Completed", None),
    ):
        told = row(kind, {**record, "TrainingJobStatus": status, "SecondaryStatus": second})
        assert (told["status"], told["detail"]) == (status, shown_beside)


def test_places_of_two_channels_are_told_apart() -> None:
    channels = [
        {"ChannelName": name, "DataSource": {"S3DataSource": {"S3Uri": f"s3://b/{name}"}}}
        for name in ("train", "validation")
    ]
    described = {"InputDataConfig": channels, "Tags": [], "OutputDataConfig": {"S3OutputPath": "-"}}
    assert list(places(described)) == [
        ("InputDataConfig[train].DataSource.S3DataSource.S3Uri", "s3://b/train"),
        ("InputDataConfig[validation].DataSource.S3DataSource.S3Uri", "s3://b/validation"),
    ]
