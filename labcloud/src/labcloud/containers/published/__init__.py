"""Images that were pushed as build contexts, and how their programs run without Docker."""
