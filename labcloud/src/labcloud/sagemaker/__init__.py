"""SageMaker itself: one room a resource, and what all of them share."""
