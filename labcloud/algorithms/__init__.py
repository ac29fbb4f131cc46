"""The built-in algorithms: each package holds an image's training, serving and definitions."""
