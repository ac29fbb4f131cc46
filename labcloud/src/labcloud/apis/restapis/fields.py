"""What becomes of the members of requests about REST APIs."""

from __future__ import annotations

from labcloud.sagemaker.fields import Fields

_NO_ADDRESS = "labcloud answers on this machine's loopback address"
_NO_KEYS = "no method asks for an API key"
_NO_CACHE = "labcloud's stages have no cache"
_NO_AUTHORIZERS = "labcloud has no authorizers"
_POLICY = "the function's own policy lets API Gateway invoke it"
_AS_IT_IS = "the function gets the request as it is"

_PAGES = ("limit", "position")
_OF_METHOD = ("httpMethod", "resourceId", "restApiId")
_OF_STAGE = {
    "cacheClusterEnabled": _NO_CACHE,
    "cacheClusterSize": _NO_CACHE,
    "canarySettings": "",
    "tracingEnabled": "labcloud does not have X-Ray",
}

FIELDS: dict[str, Fields] = {
    "CreateRestApi": Fields(
        done=(
            "binaryMediaTypes",
            "description",
            "disableExecuteApiEndpoint",
            "name",
            "tags",
            "version",
        ),
        without_effect={
            "apiKeySource": _NO_KEYS,
            "endpointConfiguration.types": _NO_ADDRESS,
            "endpointConfiguration.ipAddressType": _NO_ADDRESS,
        },
        refused={
            "cloneFrom": "",
            "endpointAccessMode": _NO_ADDRESS,
            "endpointConfiguration.vpcEndpointIds": _NO_ADDRESS,
            "minimumCompressionSize": "answers are not compressed",
            "policy": "a stage is open to all that reach it",
            "securityPolicy": "labcloud does not speak TLS",
        },
    ),
    "GetRestApi": Fields(done=("restApiId",)),
    "GetRestApis": Fields(done=_PAGES),
    "UpdateRestApi": Fields(done=("patchOperations", "restApiId")),
    "DeleteRestApi": Fields(done=("restApiId",)),
    "CreateResource": Fields(done=("parentId", "pathPart", "restApiId")),
    "GetResource": Fields(done=("embed", "resourceId", "restApiId")),
    "GetResources": Fields(done=("embed", "restApiId", *_PAGES)),
    "DeleteResource": Fields(done=("resourceId", "restApiId")),
    "PutMethod": Fields(
        done=("authorizationType", "operationName", *_OF_METHOD),
        refused={
            "apiKeyRequired": "labcloud has no API keys",
            "authorizationScopes": _NO_AUTHORIZERS,
            "authorizerId": _NO_AUTHORIZERS,
            "requestModels": _AS_IT_IS,
            "requestParameters": _AS_IT_IS,
            "requestValidatorId": _AS_IT_IS,
        },
    ),
    "GetMethod": Fields(done=_OF_METHOD),
    "DeleteMethod": Fields(done=_OF_METHOD),
    "PutIntegration": Fields(
        done=(
            "connectionType",
            "integrationHttpMethod",
            "responseTransferMode",
            "timeoutInMillis",
            "type",
            "uri",
            *_OF_METHOD,
        ),
        without_effect={"passthroughBehavior": "a proxy integration always passes the request"},
        refused={
            "cacheKeyParameters": _NO_CACHE,
            "cacheNamespace": _NO_CACHE,
            "connectionId": "labcloud has no VPC links",
            "contentHandling": "binaryMediaTypes of the API says what is binary",
            "credentials": _POLICY,
            "integrationTarget": "labcloud has no VPC links",
            "requestParameters": _AS_IT_IS,
            "requestTemplates": _AS_IT_IS,
            "tlsConfig": "",
        },
    ),
    "GetIntegration": Fields(done=_OF_METHOD),
    "DeleteIntegration": Fields(done=_OF_METHOD),
    "CreateDeployment": Fields(
        done=("description", "restApiId", "stageDescription", "stageName", "variables"),
        refused=_OF_STAGE,
    ),
    "GetDeployment": Fields(
        done=("deploymentId", "restApiId"), refused={"embed": "GetResources shows what there is"}
    ),
    "GetDeployments": Fields(done=("restApiId", *_PAGES)),
    "DeleteDeployment": Fields(done=("deploymentId", "restApiId")),
    "CreateStage": Fields(
        done=("deploymentId", "description", "restApiId", "stageName", "tags", "variables"),
        refused={**_OF_STAGE, "documentationVersion": ""},
    ),
    "GetStage": Fields(done=("restApiId", "stageName")),
    "GetStages": Fields(done=("deploymentId", "restApiId")),
    "UpdateStage": Fields(done=("patchOperations", "restApiId", "stageName")),
    "DeleteStage": Fields(done=("restApiId", "stageName")),
    "TagResource": Fields(done=("resourceArn", "tags")),
    "UntagResource": Fields(done=("resourceArn", "tagKeys")),
    "GetTags": Fields(done=("resourceArn", *_PAGES)),
}
