"""The one part that AWS has published as stable."""
