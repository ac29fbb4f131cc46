"""What the tests of labcloud, and of what is built on it, share."""
