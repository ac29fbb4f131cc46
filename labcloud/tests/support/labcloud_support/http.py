"""Plain HTTP requests. httpx's own functions read all certificates before each one."""

from __future__ import annotations

import httpx

# Each request has a connection of its own: the server may be another one by then.
_limits = httpx.Limits(max_keepalive_connections=0)
http = httpx.Client(verify=False, trust_env=False, timeout=60, limits=_limits)
