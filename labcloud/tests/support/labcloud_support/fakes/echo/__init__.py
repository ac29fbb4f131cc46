"""An image that answers each line turned round, and writes down what it was asked."""
