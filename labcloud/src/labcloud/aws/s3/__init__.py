"""S3 on disk: what moto's S3 answers survives the server."""
