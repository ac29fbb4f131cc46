"""What gunicorn imports: `wsgi:app`. Another web framework would be exchanged here alone."""

from predictor import app

__all__ = ["app"]
