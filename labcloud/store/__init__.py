"""What survives: records of resources (SQLite) and the objects of S3."""
