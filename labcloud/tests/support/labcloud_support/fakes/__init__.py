"""Images that do what a test needs: each has the modules `train` or `serve`."""
