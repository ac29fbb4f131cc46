"""The SageMaker SDK as the labs need it, whichever 3.x an environment has.

The images of SageMaker Studio have 3.7 to 3.12, `./lab` installs a newer one. What differs between
them and would be seen in a lab is made alike here.
"""

from __future__ import annotations

import contextlib
import logging
from importlib import metadata
from typing import Any

import boto3

from labhelpers.errors import NotConnected

# What script mode sets in a model's environment. The first is the name of the script.
_SCRIPT_MODE = (
    "SAGEMAKER_PROGRAM",
    "SAGEMAKER_SUBMIT_DIRECTORY",
    "SAGEMAKER_CONTAINER_LOG_LEVEL",
    "SAGEMAKER_REGION",
)


def check_sdk() -> None:
    """Raises NotConnected for version 2 of the SageMaker SDK, and for none."""
    try:
        version = metadata.version("sagemaker")
    except metadata.PackageNotFoundError:
        version = "none"
    if not version.startswith("3."):
        raise NotConnected(
            f"The labs need version 3 of the SageMaker SDK, and this environment has {version}. In "
            "SageMaker Studio, stop the space, choose the image SageMaker Distribution 4.1 or "
            "later for it, and run it again. Elsewhere, open the lab with ./lab open."
        )


def quieten() -> None:
    """Turns off the SDK's progress panels and notices. `watch` prints the same, in order.

    The panels redraw themselves, and the output that a notebook stores cannot.
    """
    import rich

    logging.basicConfig(level=logging.WARNING)
    sdk = logging.getLogger("sagemaker")
    sdk.propagate = False
    # Newer versions of the SDK do both themselves.
    sdk.addHandler(logging.NullHandler())
    logging.getLogger("sagemaker.config").setLevel(logging.WARNING)
    rich.reconfigure(force_jupyter=False, force_terminal=False)


def check_settings_once() -> None:
    """Keeps the SDK from checking its settings again at each look at them, once it is imported.

    Where there is a settings file (labcloud has one, which turns the SDK's reports to AWS off, and
    a domain of Studio can have one), it checks the whole schema of such files each time: some ten
    seconds of a notebook. Settings that have changed are checked as before. A version of the SDK
    that checks them elsewhere is left as it is.
    """
    try:
        from sagemaker.core.config.config_manager import SageMakerConfig

        check = SageMakerConfig.validate_sagemaker_config
    except (ImportError, AttributeError):
        return
    if getattr(check, "remembers", False):
        return
    sound: set[str] = set()

    def checked(sagemaker_config: Any = None) -> None:
        # As a text: for Python, True and 1 are the same.
        written = repr(sagemaker_config)
        if written not in sound:
            check(sagemaker_config)
            sound.add(written)

    checked.remembers = True  # type: ignore[attr-defined]
    SageMakerConfig.validate_sagemaker_config = staticmethod(checked)


def restore_tracebacks() -> None:
    """Gives a notebook its own tracebacks back, once the SDK is imported.

    Versions in Studio's images put panels in their place as soon as they are imported.
    """
    from IPython import get_ipython

    shell: Any = get_ipython()
    for method in ("showtraceback", "_showtraceback"):
        # What rich has put on the shell hides the method of its class.
        with contextlib.suppress(AttributeError):
            delattr(shell, method)


def leave_out_nameless_scripts(session: boto3.Session) -> None:
    """Takes script mode without a script out of what this session's clients send to CreateModel.

    In versions of Studio's images, ModelBuilder sends it for every image of AWS's. The container
    of XGBoost then imports a script without a name, and its endpoint never becomes InService.
    """
    session.events.register("provide-client-params.sagemaker.CreateModel", _without_nameless_script)


def _without_nameless_script(params: dict[str, Any], **_: object) -> dict[str, Any]:
    environment = params.get("PrimaryContainer", {}).get("Environment", {})
    if environment.get(_SCRIPT_MODE[0]) == "":
        for name in _SCRIPT_MODE:
            environment.pop(name, None)
    return params
