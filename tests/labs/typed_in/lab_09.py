"""What learners type into the exercises of lab 09, and what they are told."""

from __future__ import annotations

from tests.labs.typed_in import Particular

_MAE = (
    "JsonGet(step_name='Evaluate', property_file='Report', "
    "json_path='regression_metrics.mae.value')"
)
_APPROVED = (
    '"ModelPackageGroupName": group, "ModelApprovalStatus": "Approved", '
    '"SortBy": "CreationTime", "SortOrder": "Descending"'
)
_ARN = '"ModelPackageArn": first["ModelPackageArn"]'
_SOURCE = '"source": ["aws.sagemaker"]'
_KIND = '"detail-type": ["SageMaker Model Package State Change"]'
_DETAIL = '"detail": {"ModelPackageGroupName": [group], "ModelApprovalStatus": ["Approved"]}'

TYPED: Particular = {
    ("09", 1): {
        "['Evaluate', 'Train']": None,
        "('Train', 'Evaluate')": None,
        "{'Train', 'Evaluate'}": None,
        "np.array(['Train', 'Evaluate'])": None,
        "[b'Train', np.str_('Evaluate')]": None,
        "['Train']": "that one, and one more",
        "['Evaluate']": "trees is a hyperparameter",
        "['Prepare', 'Train', 'Evaluate']": "no use for trees",
        "['Train', 'Evaluate', 'Register']": "that is no job",
        "['GoodEnough']": "that is no job",
        "['train', 'evaluate']": "no step 'evaluate', 'train'",
        "[]": "trees is a hyperparameter",
        "['Train', 2]": "the name of a step is text, and this is an int",
        "'Train, Evaluate'": "put it in square brackets",
        "b'Train'": "put it in square brackets",
        "{'Trees': 10}": "this is a dict",
        "2": "this is an int",
        "None": "this is None",
        "len": "call it, with () behind it",
    },
    ("09", 2): {
        "V": None,
        "dict(V)": None,
        "{'RawData': V['RawData'] + '/'}": None,
        "{'RawData': V['RawData'].encode()}": None,
        "{'RawData': raw.replace('/raw', '/raw-2027')}": None,
        "{'RawData': raw}": "the address of the old rows",
        "{'RawData': raw + '/'}": "the address of the old rows",
        "{'RawData': 'raw-2027'}": "begins with s3://",
        "{'RawData': raw + '-2027/houses.csv'}": "the folder, please",
        "{'RawData': raw + '/raw-2027'}": "stands beside",
        "{'RawData': 5}": "an address in S3 is text",
        "{'RawData': None}": "an address in S3 is text",
        "{'raw': raw + '-2027'}": "no parameter 'raw'",
        "{5: raw}": "no parameter '5'",
        "V | {'Trees': 100}": "leave Trees out",
        "{'MaxError': 4.0}": "one parameter says where the rows are",
        "{}": "one parameter says where the rows are",
        "[V]": "this is a list",
        "V['RawData']": "this is a str",
        "None": "this is None",
    },
    ("09", 3): {
        "V": None,
        "V.to_request()": None,
        f"ConditionGreaterThan(left=2.5, right={_MAE})": None,
        f"ConditionLessThan({_MAE}, np.float64(2.5))": None,
        '{"Type": "LessThan", "RightValue": 2.5, "LeftValue": {"Std:JsonGet": {"PropertyFile": '
        '{"Get": "Steps.Evaluate.PropertyFiles.Report"}, "Path": "regression_metrics.mae.value"}}}':
            None,
        f"ConditionLessThanOrEqualTo(left={_MAE}, right=2.5)": "with 2.5 itself",
        f"ConditionGreaterThan(left={_MAE}, right=2.5)": "GreaterThan is true for a large error",
        f"ConditionLessThan(left=2.5, right={_MAE})": "The error must be less",
        f"ConditionLessThan(left={_MAE.replace('mae', 'rmse')}, right=2.5)": "no number at",
        f"ConditionLessThan(left={_MAE.replace('.value', '')}, right=2.5)": "no number at",
        f"ConditionLessThan(left={_MAE.replace('Report', 'evaluation')}, right=2.5)":
            "its name is Report",
        f"ConditionLessThan(left={_MAE}, right=2500)": "thousands of dollars",
        f"ConditionLessThan(left={_MAE}, right='2.5')": "this is text",
        f"ConditionLessThan(left={_MAE}, right=ParameterFloat('MaxError'))": "needs no parameter",
        "ConditionLessThan(left='mae', right=2.5)": "JsonGet reads it",
        "ConditionLessThan": "that is the class",
        "[V]": "without a list around it",
        '{"Type": "LessThan"}': "LeftValue, RightValue, too",
        "2.5": "this is a float",
        "'mae < 2.5'": "this is a str",
        "None": "this is None",
    },
    ("09", 4): {
        f"{{{_APPROVED}, 'MaxResults': 1}}": None,
        f"{{{_APPROVED}, 'ModelPackageType': 'Versioned'}}": None,
        '{"ModelPackageGroupName": group, "ModelApprovalStatus": "Approved", '
        '"SortOrder": "Descending"}': None,
        f"{{{_APPROVED}, 'ModelPackageGroupName': 'prices'}}": "versions of other groups",
        f"{{{_APPROVED}, 'ModelApprovalStatus': 'Rejected'}}": "may not be deployed",
        f"{{{_APPROVED}, 'ModelApprovalStatus': 'approved'}}": "none of its values",
        f"{{{_APPROVED}, 'SortBy': 'Name'}}": "sort by the time",
        f"{{{_APPROVED}, 'SortOrder': 'Ascending'}}": "the newest first is Descending",
        '{"ModelPackageGroupName": group, "ModelApprovalStatus": "Approved"}': "say in which order",
        f"{{{_APPROVED}, 'NameContains': 'x'}}": "NameContains may leave out",
        f"{{{_APPROVED}, 'ModelPackageType': 'Both'}}": "are Versioned",
        f"{{{_APPROVED}, 'MaxResults': '1'}}": "boto3 would not send it",
        "{}": "versions of other groups",
        "group": "this is a str",
    },
    ("09", 5): {
        f'{{{_ARN}, "ModelApprovalStatus": "Rejected", "ApprovalDescription": "It is too small."}}':
            None,
        f'{{{_ARN}, "ModelApprovalStatus": "Rejected"}}': "somebody asks why",
        f'{{{_ARN}, "ModelApprovalStatus": "Rejected", "ApprovalDescription": "bad"}}':
            "somebody asks why",
        f'{{{_ARN}, "ModelApprovalStatus": "Approved", "ApprovalDescription": "It is so good."}}':
            "with Approved, it is not rejected",
        f'{{{_ARN}, "ModelApprovalStatus": "reject"}}': "none of its values",
        f'{{{_ARN}, "ApprovalDescription": "It is too small."}}': "would stay as it is",
        "V | {'ModelPackageArn': V['ModelPackageArn'][:-1] + '2'}": "that is another version",
        "V | {'ModelPackageArn': 'version 1'}": "does not match",
        "V | {'ModelPackageArn': 1}": "boto3 would not send it",
        "V | {'CustomerMetadataProperties': {'a': 'b'}}": "changes something else, too",
        "V | {'ApprovalDescription': None}": "boto3 would not send it",
        "{}": "boto3 would not send it",
        "first": "boto3 would not send it",
    },
    ("09", 6): {
        "V": None,
        "json.loads(json.dumps(V))": None,
        "V | {'region': ['us-east-1']}": None,
        f'{{{_SOURCE}, {_KIND}, "detail": {{"ModelPackageGroupName": (group,), '
        '"ModelApprovalStatus": ["Approved"]}}': None,
        f"{{{_SOURCE}, {_KIND}}}": "only registered",
        f'{{{_SOURCE}, {_KIND}, "detail": {{"ModelPackageGroupName": [group]}}}}':
            "only registered",
        f'{{{_SOURCE}, {_KIND}, "detail": {{"ModelApprovalStatus": ["Approved"]}}}}':
            "other groups of the account",
        f"{{{_SOURCE}, {_DETAIL}}}": "other events of SageMaker",
        f"{{{_KIND}, {_DETAIL}}}": "events of other sources",
        f'{{{_SOURCE}, {_KIND}, "detail": {{"ModelPackageGroupName": [group], '
        '"ModelApprovalStatus": ["Approved", "Rejected"]}}': "when a version was rejected",
        "V | {'detail': V['detail'] | {'ModelPackageVersion': [1]}}": "version 1 alone",
        "V | {'detail': V['detail'] | {'ModelApprovalStatus': 'Approved'}}": "a list of allowed",
        "V | {'detail': V['detail'] | {'ModelApprovalStatus': [True]}}": "is text",
        "V | {'detail': V['detail'] | {'ModelApprovalStatus': [{'prefix': 'A'}]}}":
            "a plain value is enough",
        "V | {'detail': ['Approved']}": "it is a dict",
        "V | {'source': ['sagemaker']}": "does not fit the event of step 10",
        "V | {'ModelApprovalStatus': ['Approved']}": "no field ModelApprovalStatus",
        "V | {'detail': V['detail'] | {'Status': ['Approved']}}": "no field detail.Status",
        "event": "a list of allowed values",
        "{}": "only registered",
        "json.dumps(V)": "this is a str",
        "[V]": "this is a list",
        "None": "this is None",
    },
}  # fmt: skip
