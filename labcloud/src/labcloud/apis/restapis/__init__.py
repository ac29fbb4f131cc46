"""REST APIs: the operations of apigateway."""
