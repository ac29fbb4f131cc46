"""The data plane: from a visitor's request at a deployed stage to a function and back."""
