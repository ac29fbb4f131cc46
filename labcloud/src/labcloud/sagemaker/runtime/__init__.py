"""InvokeEndpoint: requests on their way to a model and back."""
