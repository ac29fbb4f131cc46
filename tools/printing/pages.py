"""HTML pages that need nothing but themselves: no network, no files beside them."""

from __future__ import annotations

import base64
import functools
import mimetypes
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
import nbformat
from markupsafe import Markup
from nbconvert import HTMLExporter
from nbconvert.filters import Highlight2HTML, markdown2html
from pygments.formatters import HtmlFormatter

_TEMPLATES = Path(__file__).parent / "templates"
_SOURCE = re.compile(r'src="((?!data:|https?:)[^"]+)"')
_PICTURE = re.compile(r"!\[(?P<alt>[^]]*)\]\((?P<path>[^)\s]+)\)")
# To a file of the course: a page has none beside it.
_LINK = re.compile(r'<a href="(?!https?:)[^"]*">(.*?)</a>', re.S)


def html(cells: Sequence[Any], folder: Path) -> Markup:
    """Cells of a notebook in a folder as HTML, with their outputs and pictures.

    A link to another file is its text.
    """
    notebook = nbformat.v4.new_notebook(cells=list(cells))
    body, _ = _exporter().from_notebook_node(notebook)
    return Markup(embedded(_LINK.sub(r"\1", str(body)), folder))


def markdown(text: str, folder: Path) -> Markup:
    """A text in Markdown as HTML, with its pictures."""
    return Markup(embedded(_LINK.sub(r"\1", str(markdown2html(text))), folder))


def code(text: str) -> Markup:
    """Python in colours."""
    return Markup(_highlighter()(text))


def image(text: str, folder: Path) -> Markup:
    """A picture in Markdown as HTML, without a paragraph around it; nothing if there is none."""
    found = _PICTURE.search(text)
    if found is None:
        return Markup()
    shown = Markup('<img alt="{}" src="{}">').format(found["alt"], found["path"])
    return Markup(embedded(shown, folder))


def plot(png: str, alternative: str) -> Markup:
    """A plot, which an output holds in base64, as HTML."""
    data = "".join(png.split())
    return Markup('<img alt="{}" src="data:image/png;base64,{}">').format(alternative, data)


def embedded(text: str, folder: Path) -> str:
    """HTML with its pictures in it; `folder` is where their names begin.

    nbconvert's own embed_images does not embed pictures from outside the notebook's folder.
    """

    def data(found: re.Match[str]) -> str:
        picture = folder / found[1]
        kind = mimetypes.guess_type(picture.name)[0]
        if not picture.is_file() or kind is None:
            return found[0]
        return f'src="data:{kind};base64,{base64.b64encode(picture.read_bytes()).decode()}"'

    return _SOURCE.sub(data, text)


def page(template: str, **values: Any) -> str:
    """A whole page of a template: `sheet` is templates/sheet.html."""
    return _environment().get_template(f"{template}.html").render(**values)


@functools.cache
def _highlighter() -> Any:
    return Highlight2HTML(pygments_lexer="ipython3")


@functools.cache
def _exporter() -> Any:
    # The template without styles and programs. nbconvert's own pages load some from the network.
    return HTMLExporter(
        template_name="basic",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )


@functools.cache
def _environment() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    style = HtmlFormatter(style="default").get_style_defs(".highlight")
    found.globals["highlighting"] = Markup(style)
    return found
