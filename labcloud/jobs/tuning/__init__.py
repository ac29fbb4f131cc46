"""Hyperparameter tuning jobs: which training jobs they begin, and what they make of the results."""
