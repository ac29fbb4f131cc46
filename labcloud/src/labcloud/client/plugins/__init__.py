"""A folder for PYTHONPATH: modules for any Python, also one that has no labcloud installed."""
