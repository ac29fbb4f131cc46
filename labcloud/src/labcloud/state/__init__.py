"""The files of the state directory."""
