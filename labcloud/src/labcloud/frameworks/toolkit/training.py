"""`train` of a framework image: runs the user's script as the image's toolkit does.

    python -m labcloud.frameworks.toolkit.training

scikit-learn has sagemaker-training, XGBoost the older sagemaker-containers. They differ in how they
name themselves, how they start the script, and in what they say of its failure.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import sys
import traceback
from dataclasses import dataclass

from labcloud.frameworks.toolkit import log, paths
from labcloud.frameworks.toolkit.environment import TrainingEnvironment
from labcloud.frameworks.toolkit.errors import ScriptError
from labcloud.frameworks.toolkit.requirements import install, pip_install, run
from labcloud.frameworks.toolkit.source import bring

_FAILED = 1


@dataclass(frozen=True)
class Toolkit:
    """Which of the two runs.

    The older one makes a package of the script, installs it, and runs it as a module.
    """

    logger: str
    older: bool
    trouble: str

    def said(self, error: ScriptError) -> str:
        return error.short() if self.older else str(error)


_TRAINING = Toolkit("sagemaker-training-toolkit", older=False, trouble="Framework Error")
_CONTAINERS = Toolkit("sagemaker-containers", older=True, trouble="framework error")


def main() -> int:
    """Returns the exit code of `train`."""
    framework = os.environ.get("SAGEMAKER_TRAINING_MODULE", "").partition(":")[0]
    toolkit = _CONTAINERS if "xgboost" in framework else _TRAINING
    logger = logging.getLogger(toolkit.logger)
    code = _trained(framework, toolkit, logger)
    if code and not toolkit.older:
        logger.error("Encountered exit_code %s", code)
    return code


def _trained(framework: str, toolkit: Toolkit, logger: logging.Logger) -> int:
    try:
        environment = TrainingEnvironment.read(older=toolkit.older)
        log.configure(environment.log_level)
        logger.info("Imported framework %s", framework)
        logger.info("No GPUs detected (normal if no gpus installed)")
        if not toolkit.older:
            logger.info("No Neurons detected (normal if no neurons installed)")
        logging.getLogger(framework).info("Invoking user training script.")
        _run(environment, toolkit, logger)
    except ScriptError as error:
        _fail(toolkit.said(error), logger, loud=not toolkit.older)
        return _FAILED
    except Exception as error:
        log.configure(logging.INFO)
        _fail(f"{toolkit.trouble}: \n{traceback.format_exc()}\n{error}", logger, loud=True)
        code = getattr(error, "errno", None)
        return code if isinstance(code, int) else _FAILED
    # XGBoost's container leaves the older toolkit before it could say so.
    if not toolkit.older:
        logger.info("Reporting training SUCCESS")
        (paths.OUTPUT / "success").touch()
    return 0


def _fail(message: str, logger: logging.Logger, *, loud: bool) -> None:
    failure = paths.OUTPUT / "failure"
    if not failure.exists():
        failure.write_text(message)
    if loud:
        logger.error("Reporting training FAILURE")
    logger.error(message)


def _run(environment: TrainingEnvironment, toolkit: Toolkit, logger: logging.Logger) -> None:
    """Raises ScriptError, and what the toolkit itself cannot do."""
    if not environment.program:
        raise ValueError("This image has no algorithm: sagemaker_program must name a script")
    os.environ.update(environment.plain_variables())
    bring(environment.source, paths.CODE)
    if toolkit.older:
        # Its own package is left out here, and is named where AWS names it.
        also = ("-r", "requirements.txt") if (paths.CODE / "requirements.txt").exists() else ()
        install(paths.CODE, "InstallModuleError", said=pip_install(".", *also))
        command = [sys.executable, "-m", environment.module, *environment.arguments()]
    else:
        command = _command(environment)
    _announce(environment, command, logger)
    os.environ.update(environment.variables())
    if not toolkit.older:
        # It means the marks around a shell's command, and takes those of an argument, too.
        command[-1] = command[-1].strip('"')
    run(command, paths.CODE, "ExecuteUserScriptError")


def _command(environment: TrainingEnvironment) -> list[str]:
    """What runs the entry point: a package, a Python file, or anything else as a shell does.

    Installs what a package or a Python file asks for. Raises ScriptError.
    """
    program, arguments = environment.program, environment.arguments()
    if not program.endswith(".sh"):
        if (paths.CODE / "setup.py").exists():
            install(paths.CODE, "InstallModuleError")
            return [sys.executable, "-m", environment.module, *arguments]
        if program.endswith(".py"):
            install(paths.CODE, "InstallRequirementsError")
            return [sys.executable, program, *arguments]
    (paths.CODE / program).chmod(0o777)
    return ["/bin/sh", "-c", f'"./{program} {shlex.join(arguments)}"']


def _announce(environment: TrainingEnvironment, command: list[str], logger: logging.Logger) -> None:
    variables = "\n".join(f"{name}={value}" for name, value in environment.variables().items())
    logger.info(
        "Invoking user script\n\nTraining Env:\n\n%s\n\nEnvironment variables:\n\n%s\n\n"
        "Invoking script with the following command:\n\n%s\n\n",
        json.dumps(environment.described(), indent=4), variables, " ".join(command),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
