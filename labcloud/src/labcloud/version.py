"""labcloud's version, which pyproject.toml holds."""

from importlib.metadata import version

__version__ = version("labcloud")

# Where its documentation is. What is installed does not hold it.
DOCUMENTATION = "https://github.com/sagemaker-labs/sagemaker-labs/blob/main/labcloud/docs"
