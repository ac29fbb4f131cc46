"""Amazon API Gateway: HTTP APIs and REST APIs, and the stages at which they answer."""
