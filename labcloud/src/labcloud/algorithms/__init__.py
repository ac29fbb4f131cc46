"""The built-in algorithms, a package each; `algorithm.py` says what each must offer.

What several of them share stands beside them: formats, the log, the HTTP server.
"""
