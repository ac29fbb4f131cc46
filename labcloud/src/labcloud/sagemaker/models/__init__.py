"""Models, and the containers that serve them."""
