"""Processing jobs: a program in a container, with folders that come from S3 and go there."""
