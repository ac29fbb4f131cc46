"""An image for tests: waits until it is stopped."""
