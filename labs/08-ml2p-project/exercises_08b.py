"""The exercises of lab 08b, with their checks, hints and solutions."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ml2p.cli_commands.utils import mk_vpc_config
from ml2p.errors import ClientError, ConfigError

from labhelpers import Exercise, NotYet
from labhelpers.answers import need

# Exercise 5: two different ones must stay different, and each must stay on one line.
NAME = "Chelsea"
TEXTS = (
    NAME, f"{NAME}\nERROR", f"{NAME}\\nERROR", f"{NAME}\rERROR", f"{NAME}\r\nERROR",
    f"{NAME}\u2028ERROR", f"{NAME}\x0bERROR", f"{NAME}\x1b[31m", f"{NAME}\x00", f"{NAME} ERROR",
    f"{NAME}ERROR", "", "O'Brien", 'the "old" harbour', "Zürich",
)  # fmt: skip
# Exercise 7.
NETWORK = {
    "security_groups": ["sg-0a1b2c3d4e5f60718"],
    "subnets": ["subnet-0aaaabbbbccccdddd", "subnet-0eeeeffff00001111"],
}


def slips_through(answer: Any, *, house: Mapping[str, Any]) -> str:
    """A value that the predictor of 08a takes for a number, and the checked one does not."""
    # Beside the other files of src, as in the image.
    source = str(Path(__file__).parent / "src")
    if source not in sys.path:
        sys.path.append(source)
    from checked import CheckedPredictor
    from model import BostonPredictor

    try:
        sent = json.loads(json.dumps(answer))
    except (TypeError, ValueError):
        raise NotYet("it cannot be sent as JSON: take text, a number, true or false.") from None
    if str(sent).strip().lower().lstrip("+-") == "nan":
        raise NotYet("that is the one of step 5. There are others.")
    try:
        _answered(BostonPredictor, {**house, "RM": sent})
    except Exception as error:
        raise NotYet(
            f"BostonPredictor raises {type(error).__name__}, and the endpoint answers with 500."
        ) from None
    try:
        _answered(CheckedPredictor, {**house, "RM": sent})
    except ClientError as error:
        return f"BostonPredictor has a price for {sent!r}. CheckedPredictor says: {error.message}."
    raise NotYet("CheckedPredictor takes it, too: it is a number that a house may have.")


def _answered(kind: type, house: dict[str, Any]) -> None:
    """Has a predictor look at a house. Its model is one that always says 20."""
    predictor = kind.__new__(kind)
    predictor.booster = SimpleNamespace(predict=lambda _: [20.0])
    with contextlib.redirect_stdout(io.StringIO()):
        predictor.result(house)


def one_line(answer: Any) -> str:
    """A function that makes one line of any text, and loses nothing."""
    need(answer, Callable, "answer_5 is the function itself, without brackets")
    made: dict[str, str] = {}
    for text in TEXTS:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                line = answer(text)
        except Exception as error:
            raise NotYet(f"for {text!r} it raises {type(error).__name__}: {error}.") from None
        if not isinstance(line, str):
            raise NotYet(f"for {text!r} it returns {line!r}, which is not text.")
        if len(line.splitlines()) > 1:
            raise NotYet(f"for {text!r} it returns more than one line.")
        if any(not character.isprintable() for character in line):
            raise NotYet(
                f"for {text!r} a character is left that is not printed and does something in a "
                "terminal."
            )
        if NAME in text and NAME not in line:
            raise NotYet(f"for {text!r} it returns {line!r}: the name is not read in it.")
        if line in made:
            raise NotYet(
                f"two different texts give the same line, {line}: one has an end of line, say, and "
                "in the other somebody has typed a backslash and an n. Who reads the log cannot "
                "tell them apart."
            )
        made[line] = text
    return f"of the stranger's two lines, the log has one: {answer(TEXTS[1])}"


def reads_the_model(answer: Any, *, lab: Any, project: str) -> str:
    """A statement that lets a role read the project's models in S3, and nothing else."""
    need(answer, dict, "a statement is a dict")
    elements = {"Effect", "Action", "Resource"}
    if missing := sorted(elements - set(answer)):
        if elements <= {str(name).capitalize() for name in answer}:
            raise NotYet("IAM knows these keys only with a capital letter: Effect, for example.")
        raise NotYet(f"a statement has {', '.join(missing)}, too.")
    if answer["Effect"] != "Allow":
        raise NotYet("a role may nothing until a statement allows it: Effect is Allow.")
    actions = _texts(answer["Action"], "Action")
    if any("*" in action for action in actions):
        raise NotYet("a * in an action allows more than reading. Name the action.")
    # IAM does not regard case in the names of actions.
    if {action.lower() for action in actions} != {"s3:getobject"}:
        raise NotYet("to read an object is one action, and serving needs no other of S3.")
    folder = lab.uri(lab.name, project).removeprefix("s3://")
    for resource in _texts(answer["Resource"], "Resource"):
        if not resource.startswith("arn:aws:s3:::"):
            raise NotYet("a resource is an ARN. Those of S3 begin with arn:aws:s3:::.")
        if not resource.startswith(f"arn:aws:s3:::{folder}/"):
            raise NotYet("that is more than the project's folder, or another one.")
        if not resource.startswith(f"arn:aws:s3:::{folder}/models/"):
            raise NotYet("serving needs the models, and neither datasets nor the raw table.")
        if resource != f"arn:aws:s3:::{folder}/models/*":
            raise NotYet("all models of the project: the folder, and * for what is in it.")
    if more := sorted(set(answer) - {"Effect", "Action", "Resource", "Sid"}):
        raise NotYet(f"{', '.join(more)} is not needed here.")
    return "a stranger who takes the server over finds a model in S3, and no data of anybody."


def _texts(value: Any, name: str) -> list[str]:
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, (list, tuple)) or not all(isinstance(each, str) for each in found):
        raise NotYet(f"{name} is text, or a list of texts.")
    if not found:
        raise NotYet(f"{name} is empty.")
    return list(found)


def network(answer: Any) -> str:
    """The vpc_config of ml2p.yml for one security group and two subnets."""
    need(answer, dict, "vpc_config is a dict")
    if set(answer) & {"SecurityGroupIds", "Subnets"}:
        raise NotYet("those are the names in AWS's request. ml2p.yml has names of its own: step 8.")
    if set(answer) == {"vpc_config"}:
        raise NotYet("answer with what vpc_config holds, without vpc_config itself.")
    try:
        sent = mk_vpc_config({"vpc_config": answer})
    except ConfigError as error:
        raise NotYet(f"ml2p says: {error}") from None
    if more := sorted(set(answer) - set(NETWORK)):
        raise NotYet(f"ml2p reads no {', '.join(map(str, more))}.")
    for name, wanted in NETWORK.items():
        given = [each for each in answer[name] if isinstance(each, str)]
        if sorted(given) != sorted(wanted) or len(given) != len(answer[name]):
            raise NotYet(f"{name} should hold {', '.join(wanted)}.")
    return f"AWS would get {sent}. The VPC needs an endpoint for S3 now."


EXERCISES = (
    Exercise(
        check=slips_through,
        hints=(
            "What else does float() turn into a number? And which numbers can no house have?",
            'Try float("6.5"), float(True) and float(-3) in a cell of your own.',
        ),
        solution='answer_4 = "6.5"',
        wrong=(
            'answer_4 = "nan"',
            'answer_4 = " NaN "',
            "answer_4 = 6.5",
            "answer_4 = 0",
            'answer_4 = "six"',
            "answer_4 = None",
            "answer_4 = [6.5]",
            'answer_4 = {"RM": 6.5}',
            'answer_4 = b"6.5"',
            'answer_4 = ""',
        ),
    ),
    Exercise(
        check=one_line,
        hints=(
            "Python has functions that write a text as a program would, with \\n for the end of a "
            "line. Which do you know?",
            "repr(text), and json.dumps(text).",
        ),
        solution="answer_5 = repr",
        wrong=(
            "answer_5 = str",
            'answer_5 = lambda text: text.replace("\\n", " ")',
            'answer_5 = lambda text: text.replace("\\n", "\\\\n")',
            'answer_5 = lambda text: " ".join(text.split())',
            "answer_5 = lambda text: text.splitlines()[0]",
            "answer_5 = lambda text: text.encode()",
            "answer_5 = lambda text: text.encode().hex()",
            "answer_5 = lambda text: None",
            'answer_5 = repr("Chelsea")',
        ),
    ),
    Exercise(
        check=reads_the_model,
        hints=(
            "The first statement of step 7 is for the whole project, and for writing, too.",
            "arn:aws:s3::: and then the bucket and the folder: lab.uri(lab.name, project), without "
            "s3:// at its beginning. Then /models/ and what stands for everything.",
        ),
        solution="""\
folder_of_project = lab.uri(lab.name, project).removeprefix("s3://")
answer_6 = {
    "Effect": "Allow",
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{folder_of_project}/models/*",
}""",
        wrong=(
            'answer_6 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}',
            'answer_6 = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}',
            'answer_6 = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], '
            '"Resource": f"arn:aws:s3:::{lab.bucket}/*"}',
            'answer_6 = {"Effect": "Allow", "Action": "s3:GetObject", '
            '"Resource": f"arn:aws:s3:::{lab.bucket}/*"}',
            'answer_6 = {"Effect": "Allow", "Action": "s3:GetObject", '
            '"Resource": lab.uri(lab.name, project) + "/models/*"}',
            'answer_6 = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": '
            'lab.uri(lab.name, project).replace("s3://", "arn:aws:s3:::") + "/*"}',
            'answer_6 = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": '
            'lab.uri(lab.name, project).replace("s3://", "arn:aws:s3:::") + "/models/"}',
            'answer_6 = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}',
            'answer_6 = {"Action": "s3:GetObject", "Resource": "*"}',
            'answer_6 = {"effect": "Allow", "action": "s3:GetObject", "resource": "*"}',
            'answer_6 = "s3:GetObject"',
        ),
    ),
    Exercise(
        check=network,
        hints=(
            "The text `network` in step 8 has the two names.",
            "Each of the two is a list, also if there is only one in it.",
        ),
        solution="""\
answer_7 = {
    "security_groups": ["sg-0a1b2c3d4e5f60718"],
    "subnets": ["subnet-0aaaabbbbccccdddd", "subnet-0eeeeffff00001111"],
}""",
        wrong=(
            'answer_7 = {"SecurityGroupIds": ["sg-0a1b2c3d4e5f60718"], '
            '"Subnets": ["subnet-0aaaabbbbccccdddd", "subnet-0eeeeffff00001111"]}',
            'answer_7 = {"security_groups": "sg-0a1b2c3d4e5f60718", '
            '"subnets": ["subnet-0aaaabbbbccccdddd", "subnet-0eeeeffff00001111"]}',
            'answer_7 = {"security_groups": ["sg-0a1b2c3d4e5f60718"], '
            '"subnets": ["subnet-0aaaabbbbccccdddd"]}',
            'answer_7 = {"security_groups": [], '
            '"subnets": ["subnet-0aaaabbbbccccdddd", "subnet-0eeeeffff00001111"]}',
            'answer_7 = {"subnets": ["subnet-0aaaabbbbccccdddd", "subnet-0eeeeffff00001111"]}',
            'answer_7 = {"vpc_config": {"security_groups": ["sg-0a1b2c3d4e5f60718"], '
            '"subnets": ["subnet-0aaaabbbbccccdddd", "subnet-0eeeeffff00001111"]}}',
            'answer_7 = ["sg-0a1b2c3d4e5f60718"]',
        ),
    ),
)
