"""Packages that a container has on top of labcloud's own: installed once, and kept."""
