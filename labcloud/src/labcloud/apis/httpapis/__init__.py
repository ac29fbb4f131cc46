"""HTTP APIs: the operations of apigatewayv2."""
