"""What then happens: the work behind the API's resources."""
