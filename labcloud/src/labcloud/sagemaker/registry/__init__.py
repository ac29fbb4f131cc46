"""The model registry: model package groups, and the model packages in them and beside them."""
