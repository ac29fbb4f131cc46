"""What the two notebooks of lab 08 share: the houses as published, and the project's settings."""

from __future__ import annotations

from pathlib import Path
from string import Template

import pandas as pd
from mlxtend.data import boston_housing_data

from labhelpers.lab import Lab

SETTINGS, TEMPLATE = Path("ml2p.yml"), Path("ml2p.template.yml")
COLUMNS = [
    "CRIM", "ZN", "INDUS", "CHAS", "NOX", "RM", "AGE", "DIS", "RAD", "TAX", "PTRATIO", "B", "LSTAT",
]  # fmt: skip


def write_settings(lab: Lab, image: str) -> str:
    """Writes ml2p.yml for a new project, and returns the project's name."""
    project = lab.resource_name()
    filled = Template(TEMPLATE.read_text()).substitute(
        project=project, folder=lab.uri(lab.name, project), image=image, role=lab.role
    )
    SETTINGS.write_text(filled)
    return project


def delete_settings(lab: Lab) -> None:
    """Deletes the ml2p.yml that this notebook has written. That of the other notebook stays."""
    if SETTINGS.exists() and f"\nproject: {lab.prefix}" in SETTINGS.read_text():
        SETTINGS.unlink()


def published_houses() -> pd.DataFrame:
    """506 districts of Boston with 13 columns, B among them, and the price in thousand dollars."""
    values, prices = boston_housing_data()
    return pd.DataFrame(values, columns=COLUMNS).assign(MEDV=prices)
