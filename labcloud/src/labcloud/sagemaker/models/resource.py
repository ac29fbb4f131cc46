"""What a model is."""

from __future__ import annotations

from labcloud.sagemaker.resource import Resource

MODEL = Resource(kind="model", title="Model", called="model", summaries="Models")
