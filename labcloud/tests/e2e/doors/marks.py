"""What must not get out: part of the names that a test tries to place, and a secret."""

from __future__ import annotations

import secrets

# Wherever a file with this in its name lies, it has escaped.
TOKEN = f"escaped-{secrets.token_hex(4)}"
SECRET = f"secret-{secrets.token_hex(8)}"
