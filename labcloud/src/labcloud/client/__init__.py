"""How programs find a labcloud: the environment, botocore, and the server's process."""
