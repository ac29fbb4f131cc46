"""Stands before pip in a job of a framework image: see labcloud.frameworks.requirements."""
