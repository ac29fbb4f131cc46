"""labcloud's version, which pyproject.toml holds."""

from importlib.metadata import version

__version__ = version("labcloud")
