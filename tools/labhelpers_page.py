"""Writes docs/labhelpers.md, the page of labhelpers' public functions, from their docstrings.

`python -m tools.labhelpers_page` writes it; a test compares it with the source.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import labhelpers

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "labhelpers.md"
# In the order in which the labs need them. The other modules are not for notebooks.
_MODULES = (
    "connect", "lab", "data", "storage", "watch", "background_client", "logs", "plots", "latest",
    "cleanup", "web", "prices", "show_lines", "images", "checks", "answers", "shapes", "gone",
    "errors",
)  # fmt: skip
_TITLE = """\
# labhelpers, function by function

The package `labhelpers/` is what the labs share. `python -m tools.labhelpers_page` writes this page
from its docstrings. The argument `lab` is always what `connect` returns.
"""
_BESIDE = """\
## Beside the labs

What only one lab needs is a module in that lab's folder:
"""


class _Verbatim(str):
    """Text that stands in a signature without quotation marks."""

    def __repr__(self) -> str:
        return str(self)


def page() -> str:
    """The whole page."""
    modules = [importlib.import_module(f"labhelpers.{name}") for name in _MODULES]
    parts = [_TITLE, *(_section(module) for module in modules), _BESIDE + _beside_the_labs()]
    return "\n".join(parts)


def _section(module: ModuleType) -> str:
    # The first line is a summary, and what follows may be a drawing.
    summary = inspect.cleandoc(module.__doc__ or "").partition("\n\n")[0]
    entries = [_entry(module, name, thing) for name, thing in public(module)]
    return "\n".join([f"## {module.__name__}\n\n{summary}\n", *entries])


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The functions and classes of a module that are for notebooks, by their names."""
    exported = getattr(module, "__all__", None)
    for name, thing in vars(module).items():
        if not (inspect.isfunction(thing) or inspect.isclass(thing)) or name.startswith("_"):
            continue
        if name in exported if exported is not None else thing.__module__ == module.__name__:
            yield name, thing


def _entry(module: ModuleType, name: str, thing: Any) -> str:
    source = "labhelpers" if getattr(labhelpers, name, None) is thing else module.__name__
    lines = [f"### {name}\n", f"```python\nfrom {source} import {name}"]
    if inspect.isclass(thing) and issubclass(thing, Exception):
        bases = ", ".join(base.__name__ for base in thing.__bases__)
        lines.append(f"\nclass {name}({bases})\n```\n")
    else:
        lines.append(f"\n{_signature(name, thing)}\n```\n")
    lines.append(inspect.cleandoc(thing.__doc__ or "") + "\n")
    if inspect.isclass(thing):
        methods = [_method(*member) for member in vars(thing).items() if member[1].__doc__]
        lines += [*filter(None, methods), ""] if any(methods) else []
    return "\n".join(lines)


def _method(name: str, member: Any) -> str:
    if name.startswith("_"):
        return ""
    text = " ".join(inspect.cleandoc(member.__doc__).split())
    if isinstance(member, property):
        return f"- `{name}`: {text}"
    return f"- `{_signature(name, member)}`: {text}" if inspect.isfunction(member) else ""


def _signature(name: str, thing: Any) -> str:
    """A signature with the annotations as they stand in the source."""
    signature = inspect.signature(thing)
    parameters = [
        parameter.replace(annotation=_written(parameter.annotation))
        for parameter in signature.parameters.values()
        if parameter.name != "self"
    ]
    returned = _written(signature.return_annotation)
    if inspect.isclass(thing):
        returned = inspect.Signature.empty
    written = str(inspect.Signature(parameters, return_annotation=returned))
    return name + written.replace("= Ellipsis", "= ...")


def _written(annotation: Any) -> Any:
    """An annotation as it stands in the source."""
    if annotation is inspect.Parameter.empty:
        return annotation
    return _Verbatim(getattr(annotation, "__forward_arg__", annotation))


def _beside_the_labs() -> str:
    lines = []
    for path in sorted((ROOT / "labs").glob("*/*.py")):
        if not path.stem.startswith("exercises"):
            documented = ast.get_docstring(ast.parse(path.read_text())) or ""
            place = path.relative_to(ROOT)
            line = f"- [`{place}`](../{place}): {documented.splitlines()[0]}"
            lines += textwrap.wrap(line, 120, subsequent_indent="  ", break_on_hyphens=False)
    return "\n" + "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page())
