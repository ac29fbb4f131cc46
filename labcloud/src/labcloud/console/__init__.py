"""The console: pages for a browser on this machine, rendered by the server."""
