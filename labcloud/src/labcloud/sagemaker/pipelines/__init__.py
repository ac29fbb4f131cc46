"""SageMaker Pipelines: definitions, their versions, and executions that run their steps."""
