"""The engine without Docker: programs run as processes that a preloaded parent forks."""
