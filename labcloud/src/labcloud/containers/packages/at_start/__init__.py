"""A folder of modules that every Python of a laid environment imports when it starts."""
