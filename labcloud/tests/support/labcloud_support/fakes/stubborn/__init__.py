"""An image whose containers misbehave as they are told to."""
