"""What becomes of the members of requests about HTTP APIs."""

from __future__ import annotations

from labcloud.sagemaker.fields import Fields

_WEB_SOCKETS = "it is for WebSocket APIs"
_POLICY = "the function's own policy lets API Gateway invoke it"
_NO_ADDRESS = "labcloud answers on this machine's loopback address"
_NO_METRICS = "labcloud has no metrics of stages"

_OF_API = Fields(
    done=(
        "CorsConfiguration", "Description", "DisableExecuteApiEndpoint", "Name",
        "RouteSelectionExpression", "Version",
    ),
    without_effect={"IpAddressType": _NO_ADDRESS},
    refused={
        "ApiKeySelectionExpression": _WEB_SOCKETS,
        "CredentialsArn": _POLICY,
        "DisableSchemaValidation": _WEB_SOCKETS,
    },
)  # fmt: skip
_OF_INTEGRATION = Fields(
    done=(
        "ApiId", "ConnectionType", "Description", "IntegrationMethod", "IntegrationType",
        "IntegrationUri", "PayloadFormatVersion", "TimeoutInMillis",
    ),
    refused={
        "ConnectionId": "labcloud has no VPC links",
        "ContentHandlingStrategy": _WEB_SOCKETS,
        "CredentialsArn": _POLICY,
        "IntegrationSubtype": "name a Lambda function",
        "PassthroughBehavior": _WEB_SOCKETS,
        "RequestParameters": "the function gets the request as it is",
        "RequestTemplates": _WEB_SOCKETS,
        "ResponseParameters": "the function's answer is the answer",
        "TemplateSelectionExpression": _WEB_SOCKETS,
        "TlsConfig": "name a Lambda function",
    },
)  # fmt: skip
_OF_ROUTE = Fields(
    done=("ApiId", "ApiKeyRequired", "AuthorizationType", "OperationName", "RouteKey", "Target"),
    refused={
        "AuthorizationScopes": "labcloud has no authorizers",
        "AuthorizerId": "labcloud has no authorizers",
        "ModelSelectionExpression": _WEB_SOCKETS,
        "RequestModels": _WEB_SOCKETS,
        "RequestParameters": _WEB_SOCKETS,
        "RouteResponseSelectionExpression": _WEB_SOCKETS,
    },
)
_OF_STAGE = Fields(
    done=(
        "ApiId", "AutoDeploy", "DefaultRouteSettings.ThrottlingBurstLimit",
        "DefaultRouteSettings.ThrottlingRateLimit", "DeploymentId", "Description",
        # A map; its settings are as those of DefaultRouteSettings.
        "RouteSettings", "StageName", "StageVariables",
    ),
    without_effect={"DefaultRouteSettings.DetailedMetricsEnabled": _NO_METRICS},
    refused={
        "AccessLogSettings": "the function's log says what it has done",
        "ClientCertificateId": _WEB_SOCKETS,
        "DefaultRouteSettings.DataTraceEnabled": _WEB_SOCKETS,
        "DefaultRouteSettings.LoggingLevel": _WEB_SOCKETS,
    },
)  # fmt: skip
_PAGES = ("MaxResults", "NextToken")
_TAGS = Fields(done=("Tags",))

FIELDS: dict[str, Fields] = {
    "CreateApi": _OF_API | Fields(done=("ProtocolType", "RouteKey", "Tags", "Target")),
    "UpdateApi": _OF_API
    | Fields(
        done=("ApiId",),
        refused={
            "RouteKey": "UpdateRoute changes a route",
            "Target": "UpdateIntegration changes where a route leads",
        },
    ),
    "GetApi": Fields(done=("ApiId",)),
    "GetApis": Fields(done=_PAGES),
    "DeleteApi": Fields(done=("ApiId",)),
    "DeleteCorsConfiguration": Fields(done=("ApiId",)),
    "CreateIntegration": _OF_INTEGRATION,
    "UpdateIntegration": _OF_INTEGRATION | Fields(done=("IntegrationId",)),
    "GetIntegration": Fields(done=("ApiId", "IntegrationId")),
    "GetIntegrations": Fields(done=("ApiId", *_PAGES)),
    "DeleteIntegration": Fields(done=("ApiId", "IntegrationId")),
    "CreateRoute": _OF_ROUTE,
    "UpdateRoute": _OF_ROUTE | Fields(done=("RouteId",)),
    "GetRoute": Fields(done=("ApiId", "RouteId")),
    "GetRoutes": Fields(done=("ApiId", *_PAGES)),
    "DeleteRoute": Fields(done=("ApiId", "RouteId")),
    "CreateStage": _OF_STAGE | _TAGS,
    "UpdateStage": _OF_STAGE,
    "GetStage": Fields(done=("ApiId", "StageName")),
    "GetStages": Fields(done=("ApiId", *_PAGES)),
    "DeleteStage": Fields(done=("ApiId", "StageName")),
    "DeleteRouteSettings": Fields(done=("ApiId", "RouteKey", "StageName")),
    "CreateDeployment": Fields(done=("ApiId", "Description", "StageName")),
    "UpdateDeployment": Fields(done=("ApiId", "DeploymentId", "Description")),
    "GetDeployment": Fields(done=("ApiId", "DeploymentId")),
    "GetDeployments": Fields(done=("ApiId", *_PAGES)),
    "DeleteDeployment": Fields(done=("ApiId", "DeploymentId")),
    "TagResource": Fields(done=("ResourceArn", "Tags")),
    "UntagResource": Fields(done=("ResourceArn", "TagKeys")),
    "GetTags": Fields(done=("ResourceArn",)),
}
