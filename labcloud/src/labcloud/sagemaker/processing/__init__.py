"""Processing jobs, which cannot be created yet."""
