"""What learners type into the exercises of lab 04, and what they are told."""

from __future__ import annotations

from tests.labs.typed_in import Particular

_VARIANT = (
    '{"VariantName": "AllTraffic", "ModelName": model_name, "InstanceType": "ml.m5.large", '
    '"InitialInstanceCount": 2}'
)
_VPC = '"SecurityGroupIds": ["sg-0a1b2c3d"], "Subnets": ["subnet-1a2b3c4d", "subnet-5e6f7a8b"]'
_SIZE = '{"Type": "CAPACITY_PERCENT", "Value": 20}'


def _deployment(routing: str, more: str = "") -> str:
    inner = f'"TrafficRoutingConfiguration": {{{routing}}}'
    return f'{{"BlueGreenUpdatePolicy": {{{inner}}}{more}}}'


_CANARY = f'"Type": "CANARY", "CanarySize": {_SIZE}, "WaitIntervalInSeconds": 300'

TYPED: Particular = {
    ("04", 1): {
        "np.mean([abs(1000 * (p - t)) for p, t in zip(predicted, true)])": None,
        "np.mean(np.abs(true - predicted)) * 1000": None,
        "np.abs(predicted - true).mean()": "thousands of dollars",
        "round(np.abs(predicted - true).mean(), 2)": "thousands of dollars",
        "1000 * np.sqrt(((predicted - true) ** 2).mean())": "that is the RMSE",
        "1000 * (predicted - true).mean()": "cancel each other",
        "1000 * np.median(np.abs(predicted - true))": "that is the median",
        "1000 * np.abs(predicted - true)": "array of 170 values",
        "0": "times 1000",
    },
    ("04", 3): {
        "63 * 0.115": None,
        "7.245": None,
        "7.25": None,
        "7.24": None,
        "7.2": "rounded too early",
        "63": "What does one cost?",
        "72 * 0.115": "nine hours less",
        "48 * 0.115": "two whole days",
        "'7.25 US dollars'": "Give the number alone",
        "'$7.25'": "Give the number alone",
        "7": "count the hours",
        "724.5": "count the hours",
    },
    ("04", 2): {
        "pack": None,
        "lambda lines, limit: pack(lines, limit)": None,
        "lambda lines, limit: tuple(tuple(part) for part in pack(lines, limit))": None,
        "lambda lines, limit: (iter(part) for part in pack(lines, limit))": None,
        "lambda lines, limit: [np.array(part) for part in pack(lines, limit)]": None,
        "lambda *given: pack(*given)": None,
        "lambda lines, limit, more=0: pack(lines, limit)": None,
        "pack(['a'], 3)": "the answer is the function itself",
        "'pack'": "the answer is the function itself",
        "None": "the answer is the function itself",
        "lambda lines: lines": "raises TypeError",
        "lambda lines, limit: lines[99]": "raises IndexError",
        "lambda lines, limit: None": "returns None",
        "lambda lines, limit: 5": "does not return a list of lists",
        "lambda lines, limit: [1, 2]": "does not return a list of lists",
        "lambda lines, limit: lines": "does not give back all lines",
        "lambda lines, limit: __import__('itertools').repeat(lines)":
            "pack(['aaa', 'bb', 'c', 'dddd'], 8) makes more than 100 parts.",
        "lambda lines, limit: [__import__('itertools').repeat('a')]":
            "puts more than 100 lines into a part.",
        "lambda lines, limit: [lines]": "Count the end of each line",
        "lambda lines, limit: [[line] for line in lines]": "room for one line more",
        "lambda lines, limit: [[], *pack(lines, limit)]": "makes an empty part",
        "lambda lines, limit: pack(lines[::-1], limit)": "in order",
        "lambda lines, limit: pack(lines, limit - 1)": "",
        "lambda lines, limit: pack(lines, limit + 1)": "",
        "chunks": "",
        "list": "raises TypeError",
    },
    ("04", 4): {
        f"[{_VARIANT}]": None,
        f"({_VARIANT},)": None,
        f"[{_VARIANT} | {{'InitialVariantWeight': 1}}]": None,
        f"[{_VARIANT} | {{'InitialVariantWeight': 0.5}}]": None,
        f"[{_VARIANT} | {{'VariantName': 'Two-Machines'}}]": None,
        _VARIANT: "ProductionVariants is a list, and this is a dict",
        f"{{'ProductionVariants': [{_VARIANT}]}}": "this is a dict",
        f"[{_VARIANT} | {{'VariantName': 'All Traffic!'}}]": "AWS would refuse it",
        f"[{_VARIANT} | {{'VariantName': 'All_Traffic'}}]": "AWS would refuse it",
        f"[{_VARIANT} | {{'InitialVariantWeight': 0}}]": "it gets no traffic",
        f"[{_VARIANT} | {{'InitialVariantWeight': -1}}]": "boto3 would not send it",
        f"[{_VARIANT} | {{'InitialInstanceCount': 1}}]": "is InitialInstanceCount",
        f"[{_VARIANT} | {{'InitialInstanceCount': '2'}}]": "boto3 would not send it",
        f"[{_VARIANT} | {{'InitialInstanceCount': 2.0}}]": "boto3 would not send it",
        f"[{_VARIANT} | {{'InstanceType': 'ml.m5.xlarge'}}]": "should be ml.m5.large",
        f"[{_VARIANT} | {{'InstanceType': 'm5.large'}}]": "none of its values",
        f"[{_VARIANT} | {{'ModelName': 'xgboost'}}]": "the name of the model in step 3",
        f"[{_VARIANT} | {{'ServerlessConfig': {{'MemorySizeInMB': 2048, 'MaxConcurrency': 1}}}}]":
            "refuses both together",
        f"[{_VARIANT}] * 2": "one variant is enough",
        "[]": "",
        f"pd.DataFrame([{_VARIANT}])": "a DataFrame of",
        f"json.dumps([{_VARIANT}])": "this is a str",
        "None": "this is None",
    },
    ("04", 5): {
        '{"SecurityGroupIds": ("sg-0a1b2c3d",), '
        '"Subnets": ("subnet-5e6f7a8b", "subnet-1a2b3c4d")}': None,
        f"{{{_VPC}}}": None,
        f"{{{_VPC}}} | {{'SecurityGroupIds': 'sg-0a1b2c3d'}}": "boto3 would not send it",
        f"{{{_VPC}}} | {{'Subnets': ['subnet-1a2b3c4d']}}": "both subnets belong in it",
        f"{{{_VPC}}} | {{'Subnets': ['subnet-1a2b3c4d'] * 2}}": "both subnets belong in it",
        f"{{{_VPC}}} | {{'Subnets': 'subnet-1a2b3c4d,subnet-5e6f7a8b'}}": "boto3 would not send",
        f"{{{_VPC}}} | {{'SecurityGroupIds': []}}": "boto3 would not send it",
        f"{{{_VPC}}} | {{'SecurityGroupIds': ['sg-0a1b2c3e']}}": "sg-0a1b2c3d in it",
        f"{{{_VPC}}} | {{'SecurityGroupIds': [' sg-0a1b2c3d']}}": "AWS would refuse it",
        f"{{{_VPC}}} | {{'SecurityGroupIds': {{'sg-0a1b2c3d'}}}}": "boto3 would not send it",
        f"{{'VpcConfig': {{{_VPC}}}}}": "boto3 would not send it",
    },
    ("04", 6): {
        "400": None,
        "424": "the status of InvokeEndpoint",
        "415": "the header line of step 6",
        "200": "a call that worked",
        "500": "send a row of parts.test",
        "'400'": "It is a number without",
        "{'OriginalStatusCode': 400}": "this is a dict",
        "None": "there was no status",
    },
    ("04", 7): {
        "0.6": None,
        "3 / 5": None,
        "Fraction(3, 5)": None,
        "0.75": "before the third variant came",
        "3": "lies between 0 and 1",
        "60": "lies between 0 and 1",
        "0.2": "one of the other two",
        "1 / 3": "divide the variant's weight",
        "'3/5'": "Give the number alone",
        "'60 %'": "Give the number alone",
    },
    ("04", 8): {
        "V": None,
        "list(V)": None,
        "np.array(V)": None,
        "np.float32(V)": None,
        "pd.Series(V)": None,
        "(round(V[0], 1), round(V[1], 1))": None,
        "(round(V[0], 2), np.array(V[1]))": None,
        "V[::-1]": "the lower end comes first",
        "difference.mean()": "an interval is two numbers",
        "(*V, 1)": "an interval is two numbers",
        "'12'": "this is a str",
        "str(V)": "this is a str",
        "{V[0], V[1]}": "this is a set",
        "{'low': V[0], 'high': V[1]}": "this is a dict",
        "(str(V[0]), str(V[1]))": "It is a number without",
        "(None, V[1])": "this is None",
        "(float('nan'), V[1])": "this is NaN",
        "(V[0], ...)": "not attempted",
        "(True, False)": "this is a bool",
        "(difference.min(), difference.max())": "plus and minus 1.96 standard errors",
        "tuple(difference.mean() + z * difference.std(ddof=1) for z in (-1.96, 1.96))":
            "where single districts lie",
        "tuple(difference.mean() + z * difference.std(ddof=1) for z in (-1, 1))":
            "one standard deviation",
        "tuple(difference.mean() + z * difference.std(ddof=1) / 170**0.5 for z in (-1, 1))":
            "one standard error",
        "None": "an interval is two numbers",
        "len": "an interval is two numbers",
    },
    ("04", 9): {
        _deployment(_CANARY): None,
        _deployment(_CANARY, ', "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}]}'):
            None,
        _deployment(f'{_CANARY}, "LinearStepSize": {_SIZE}'): "LinearStepSize belongs to LINEAR",
        _deployment(f'{_CANARY}, "WaitIntervalInSeconds": 5'): "five minutes are 300",
        _deployment(f'{_CANARY}, "WaitIntervalInSeconds": "300"'): "boto3 would not send it",
        _deployment(f'{_CANARY}, "WaitIntervalInSeconds": 18000'): "five minutes are 300",
        _deployment(f'{_CANARY}, "Type": "LINEAR"'): "one small step first is CANARY",
        _deployment(f'{_CANARY}, "Type": "canary"'): "none of its values",
        _deployment(f'{_CANARY}, "CanarySize": {{"Type": "CAPACITY_PERCENT", "Value": 0.2}}'):
            "boto3 would not send it",
        _deployment(f'{_CANARY}, "CanarySize": {{"Type": "INSTANCE_COUNT", "Value": 20}}'):
            "CAPACITY_PERCENT",
        _deployment('"Type": "CANARY", "WaitIntervalInSeconds": 300'): "needs a CanarySize",
        _deployment(_CANARY, f', "RollingUpdatePolicy": {{"MaximumBatchSize": {_SIZE}, '
                             '"WaitIntervalInSeconds": 300}'): "blue/green or rolling",
        f'{{"TrafficRoutingConfiguration": {{{_CANARY}}}}}': "boto3 would not send it",
        f'{{"DeploymentConfig": {_deployment(_CANARY)}}}': "boto3 would not send it",
    },
}  # fmt: skip
