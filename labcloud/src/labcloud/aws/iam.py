"""IAM's SimulatePrincipalPolicy, which moto does not have; every other call goes on to moto.

The answer is computed: the policies that moto holds for the role are evaluated for each action.
"""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from labcloud.gateway.body import given_again
from labcloud.gateway.refusals import Protocol, refusal

_NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"


class Simulation:
    """An ASGI application in front of moto's IAM."""

    def __init__(self, account: str, others: ASGIApp) -> None:
        self.account = account
        self.others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        # A presigned request has its fields in the query.
        fields = dict(request.query_params)
        fields |= {name: values[0] for name, values in parse_qs(body.decode("latin-1")).items()}
        if fields.get("Action") == "SimulatePrincipalPolicy":
            await self.simulate(fields)(scope, receive, send)
        else:
            await self.others(scope, given_again([body], receive), send)

    def simulate(self, fields: dict[str, str]) -> Response:
        """Evaluates each action for each resource (`*` where none is named)."""
        source = fields.get("PolicySourceArn", "")
        actions = _members(fields, "ActionNames")
        resources = _members(fields, "ResourceArns") or ["*"]
        try:
            policies = self._policies(source)
        except NotFoundException:
            message = f"The entity with arn {source} cannot be found."
            return refusal(Protocol.QUERY, "NoSuchEntity", message, 404)
        results = "".join(
            f"<member><EvalActionName>{escape(action)}</EvalActionName>"
            f"<EvalResourceName>{escape(resource)}</EvalResourceName>"
            f"<EvalDecision>{_decision(policies, action, resource)}</EvalDecision>"
            "<MatchedStatements/><MissingContextValues/></member>"
            for action in actions
            for resource in resources
        )
        return Response(
            f'<SimulatePrincipalPolicyResponse xmlns="{_NAMESPACE}">'
            "<SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>"
            f"<EvaluationResults>{results}</EvaluationResults></SimulatePrincipalPolicyResult>"
            f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata>"
            "</SimulatePrincipalPolicyResponse>",
            media_type="text/xml",
        )

    def _policies(self, arn: str) -> list[IAMPolicy]:
        backend: Any = iam_backends[self.account]["aws"]
        role = backend.get_role_by_arn(arn)
        inline = [IAMPolicy(document) for document in role.policies.values()]
        return inline + [IAMPolicy(policy) for policy in role.managed_policies.values()]


def _decision(policies: list[IAMPolicy], action: str, resource: str) -> str:
    results = {policy.is_action_permitted(action, resource) for policy in policies}
    if PermissionResult.DENIED in results:
        return "explicitDeny"
    return "allowed" if PermissionResult.PERMITTED in results else "implicitDeny"


def _members(fields: dict[str, str], name: str) -> list[str]:
    prefix = f"{name}.member."
    numbered = sorted(
        (int(field[len(prefix) :]), value)
        for field, value in fields.items()
        if field.startswith(prefix) and field[len(prefix) :].isdigit()
    )
    return [value for _, value in numbered]
