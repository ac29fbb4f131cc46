"""Processing jobs: none of them can be created yet."""
