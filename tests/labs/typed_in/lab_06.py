"""What learners type into the exercises of lab 06, and what they are told."""

from __future__ import annotations

from tests.labs.typed_in import Particular

_NEWEST = (
    '"NameContains": lab.prefix, "StatusEquals": "Completed", "SortBy": "CreationTime", '
    '"SortOrder": "Descending"'
)
_FOLDER = '"SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"'

TYPED: Particular = {
    ("06", 1): {
        "['min_leaf_nodes', 'n_estimators']": None,
        "('n_estimators', 'min_leaf_nodes')": None,
        "{'n_estimators', 'min_leaf_nodes'}": None,
        "['n_estimators', 'min_leaf_nodes', 'n_estimators']": None,
        "np.array(['n_estimators', 'min_leaf_nodes'])": None,
        "[b'n_estimators', np.str_('min_leaf_nodes')]": None,
        "['min_leaf_nodes']": "that one, and one more. The forest has 10 trees",
        "['n_estimators']": "that one, and one more. min_samples_leaf",
        "[]": "somebody had asked for 50",
        "['target', 'n_estimators', 'min_leaf_nodes']": "target has arrived",
        "['n-estimators', 'min_leaf_nodes']": "no hyperparameter 'n-estimators'",
        "['N_ESTIMATORS', 'min_leaf_nodes']": "spelled as in that cell",
        "['n_estimators', 5]": "a name is text, and this is an int",
        "'n_estimators, min_leaf_nodes'": "put it in square brackets",
        "{'n_estimators': 50, 'min_leaf_nodes': 1}": "this is a dict",
        "2": "this is an int",
        "None": "this is None",
        "len": "call it, with () behind it",
    },
    ("06", 2): {
        "lambda text: {'true': True, 'false': False}[text.lower()]": "KeyError",
        "lambda text: ['false', 'true'].index(text.lower()) == 1": None,
        "lambda text: bool(['false', 'true'].index(text.lower()))": None,
        "lambda text: {'true': True, 'false': False}.get(text.lower(), ...) if text.lower() in "
        "('true', 'false') else (_ for _ in ()).throw("
        "__import__('argparse').ArgumentTypeError(text))": None,
        "lambda text: {'true': True, 'false': False}.get(text.lower()) or text.lower() != 'false' "
        "and None + 1": "Raise a ValueError, of which argparse makes a message",
        "bool": "Any text that is not empty is true",
        "json.loads": "for 'True' it raises JSONDecodeError",
        "lambda text: json.loads(text.lower())": "for '1' it returns 1",
        "lambda text: text.lower() == 'true'": "raise a ValueError",
        "lambda text: text == 'true'": "for 'True' it returns False",
        "lambda text: text != 'false'": "for 'False' it returns True",
        "lambda text: text": "which is not True or False",
        "lambda text: int(text == 'true')": "which is not True or False",
        "lambda: True": "it raises TypeError",
        "print": "it returns None",
        "V('true')": "this is a bool",
        "'lambda text: True'": "this is a str",
        "None": "this is None",
    },
    ("06", 3): {
        "lambda reason: (Path(os.environ['SM_OUTPUT_FAILURE']).write_text(reason), sys.exit(1))":
            None,
        "lambda reason: (Path(os.getenv('SM_OUTPUT_FAILURE')).write_bytes(reason.encode()), "
        "sys.exit(1))": None,
        "lambda reason: sys.exit(1)": "there is no such file",
        "sys.exit": "there is no such file",
        "print": "it comes back",
        "lambda reason: (Path(os.environ['SM_OUTPUT_FAILURE']).write_text(reason), sys.exit(0))":
            "it ends with 0",
        "lambda reason: (Path(os.environ['SM_OUTPUT_FAILURE']).write_text(reason), sys.exit())":
            "it ends with None",
        "lambda reason: (Path(os.environ['SM_OUTPUT_FAILURE']).write_text('no'), sys.exit(1))":
            "and holds 'no'",
        "lambda why: (Path(os.environ['SM_OUTPUT_FAILURE']).write_text(why[:9]), sys.exit(1))":
            "the file should hold",
        "lambda reason: os.environ['SM_FAILURE']": "it raises KeyError",
        "lambda: None": "it raises TypeError",
        "'SM_OUTPUT_FAILURE'": "this is a str",
        "None": "this is None",
    },
    ("06", 4): {
        f"{{{_NEWEST}, 'MaxResults': 1}}": None,
        '{"NameContains": lab.prefix, "StatusEquals": "Completed", "SortOrder": "Descending"}':
            None,
        f"{{{_NEWEST}, 'NameContains': 'labs-'}}": "jobs of other people",
        f"{{{_NEWEST}, 'NameContains': lab.prefix + '2026'}}": "jobs of other people",
        f"{{{_NEWEST}, 'StatusEquals': 'Failed'}}": "jobs that have no model",
        f"{{{_NEWEST}, 'StatusEquals': 'completed'}}": "none of its values",
        f"{{{_NEWEST}, 'SortBy': 'Name'}}": "sort by the time",
        f"{{{_NEWEST}, 'SortBy': 'Status'}}": "sort by the time",
        f"{{{_NEWEST}, 'SortOrder': 'Ascending'}}": "the newest first is Descending",
        '{"NameContains": lab.prefix, "StatusEquals": "Completed"}': "say in which order",
        f"{{{_NEWEST}, 'CreationTimeAfter': '2026-11-28'}}": "CreationTimeAfter may leave out",
        f"{{{_NEWEST}, 'MaxResults': '1'}}": "boto3 would not send it",
        '{"name_contains": lab.prefix}': "boto3 would not send it",
        "client.meta": "this is a ClientMeta",
    },
    ("06", 5): {
        "lambda body, content_type: np.array([[each[name] for name in measures] "
        "for each in json.loads(body if content_type == 'application/json' else int('no'))])": None,
        "lambda body, content_type: pd.DataFrame(json.loads(body if 'json' in content_type else "
        "int('no')))[list(measures)]": None,
        "lambda body, content_type: [[each[name] for name in measures] "
        "for each in json.loads(body if 'json' in content_type else int('no'))]": None,
        "lambda body, content_type: pd.DataFrame(json.loads(body))[list(measures)]":
            "Look at content_type first",
        "lambda body, content_type: pd.DataFrame(json.loads(body))": "the numbers are",
        "lambda body, content_type: json.loads(body)": "the shape is (2,)",
        "lambda body, content_type: np.zeros((len(json.loads(body)), 4))": "the numbers are",
        "lambda body, content_type: np.array([list(each) for each in json.loads(body)])":
            "what are no numbers",
        "lambda body, content_type: np.zeros((2, 4)) if 'json' in content_type else None":
            "the numbers are",
        "lambda body: 0": "it raises TypeError",
        "V('[]', 'application/json')": "this is an array",
        "'input_fn'": "this is a str",
        "None": "this is None",
    },
    ("06", 6): {
        "dict(V)": None,
        f'{{"SAGEMAKER_PROGRAM": b"serve.py", {_FOLDER}}}': None,
        '{"SAGEMAKER_PROGRAM": "serve.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code/"}':
            None,
        "V | {'SAGEMAKER_REGION': 'us-east-1'}": None,
        "V | {'SAGEMAKER_CONTAINER_LOG_LEVEL': '20'}": None,
        "V | {'MODEL': 'model.joblib'}": "nobody reads MODEL",
        f"{{{_FOLDER}}}": "one is missing: which script is imported",
        "{'SAGEMAKER_PROGRAM': 'serve.py'}": "one is missing: in which folder",
        "{}": "one is missing",
        f'{{"SAGEMAKER_PROGRAM": "prepare.py", {_FOLDER}}}': "prepare.py is there, too",
        f'{{"SAGEMAKER_PROGRAM": "/opt/ml/model/code/serve.py", {_FOLDER}}}': "without a path",
        f'{{"SAGEMAKER_PROGRAM": "serve", {_FOLDER}}}': "with its ending",
        f'{{"SAGEMAKER_PROGRAM": "model_fn", {_FOLDER}}}': "the file that has model_fn",
        f'{{"SAGEMAKER_PROGRAM": None, {_FOLDER}}}': "the name of a script is text",
        "V | {'SAGEMAKER_SUBMIT_DIRECTORY': '/opt/ml/model'}": "in its folder code",
        "V | {'SAGEMAKER_SUBMIT_DIRECTORY': 's3://bucket/model.tar.gz'}": "in its folder code",
        "V | {'SAGEMAKER_SUBMIT_DIRECTORY': 5}": "the name of a folder is text",
        "list(V)": "this is a list",
        "json.dumps(V)": "this is a str",
        "None": "this is None",
    },
    ("06", 7): {
        "('built-in', 'container', 'script', 'container')": None,
        "['Built-in', 'Container', 'script ', 'container']": None,
        "[b'built-in', 'container', 'script', 'container']": None,
        "['script', 'container', 'script', 'container']": "A: A wants to write no code",
        "['built-in', 'script', 'script', 'container']": "B: AWS's images run Python",
        "['built-in', 'container', 'container', 'container']": "C: requirements.txt",
        "['built-in', 'container', 'script', 'script']": "D: pip cannot install",
        "['built-in', 'container', 'script']": "these are 3",
        "['builtin', 'container', 'script', 'container']": "'builtin' is none of",
        "[1, 2, 3, 4]": "each is a word, and this is an int",
        "'built-in container script container'": "this is a str",
        "dict(A='built-in')": "this is a dict",
        "set(V)": "this is a set",
        "None": "this is None",
    },
}  # fmt: skip
