"""A package with this file: one that is installed has a package `tests` of its own."""
