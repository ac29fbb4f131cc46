"""The built-in algorithms: each package holds an image's training, serving and definitions.

What several of them share stands beside them: the record format, the log, the HTTP server.
"""
