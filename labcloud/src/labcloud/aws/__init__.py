"""The services around SageMaker: everything that touches moto, and nothing else does."""
