"""The services that speak REST-JSON, with what becomes of the members of their requests."""

from __future__ import annotations

from collections.abc import Mapping

from labcloud.apis.httpapis.fields import FIELDS as HTTP_APIS
from labcloud.apis.restapis.fields import FIELDS as REST_APIS
from labcloud.functions.fields import FIELDS as FUNCTIONS
from labcloud.sagemaker.fields import Fields

# botocore's names of the services.
SERVICES: Mapping[str, Mapping[str, Fields]] = {
    "lambda": FUNCTIONS,
    "apigatewayv2": HTTP_APIS,
    "apigateway": REST_APIS,
}
TITLES = {
    "lambda": "AWS Lambda",
    "apigatewayv2": "HTTP APIs of Amazon API Gateway (apigatewayv2)",
    "apigateway": "REST APIs of Amazon API Gateway (apigateway)",
}
