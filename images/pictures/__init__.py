"""The course's pictures."""

from __future__ import annotations

from . import first_labs, houses, projects, scripts_and_apps
from .parts import Arrow, Box, Frame, Picture

__all__ = ["PICTURES", "Arrow", "Box", "Frame", "Picture"]

PICTURES = (
    *first_labs.PICTURES,
    *houses.PICTURES,
    *scripts_and_apps.PICTURES,
    *projects.PICTURES,
)
