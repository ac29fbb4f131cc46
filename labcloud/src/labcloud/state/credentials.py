"""The key pair that this labcloud accepts: made at first start, kept in its state directory.

An access key id has the form that AWS documents; its prefix shows that it is not one of AWS's.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from dataclasses import asdict, dataclass, field

from labcloud.state.format import reading
from labcloud.state.home import Home
from labcloud.state.paths import write_private

# An address with a password in it, among the variables of labcloud's user.
WITH_PASSWORD = re.compile(r"//[^\s/@]+@")


@dataclass(frozen=True)
class Credentials:
    """An access key; `repr` leaves the secret out, so that no log shows it."""

    access_key: str
    secret_key: str = field(repr=False)

    @classmethod
    def load_or_create(cls, home: Home) -> Credentials:
        """Reads the state directory's key pair, or makes one (file mode 0600)."""
        found = cls.load(home)
        if found is None:
            random = base64.b32encode(secrets.token_bytes(10)).decode()
            found = cls(access_key=f"LABC{random}", secret_key=secrets.token_urlsafe(30))
            write_private(home.credentials, json.dumps(asdict(found)))
        return found

    @classmethod
    def load(cls, home: Home) -> Credentials | None:
        """The directory's key pair, or None before the first start. Raises StateUnreadable."""
        try:
            with reading(home.credentials):
                found = json.loads(home.credentials.read_text())
                access_key, secret_key = found["access_key"], found["secret_key"]
                if not (isinstance(access_key, str) and isinstance(secret_key, str)):
                    raise ValueError("a key is not a text")
                return cls(access_key, secret_key)
        except FileNotFoundError:
            return None
