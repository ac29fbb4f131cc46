"""What a program must not find on this machine, because it would not find it on AWS: labcloud's
state, with the data and the keys of everybody, and the credentials of the server's user."""

from __future__ import annotations

import contextlib
import pwd
from collections.abc import Iterator
from os import getuid
from pathlib import Path

# Below a home: where the tools of other services, and those of this machine, keep keys and tokens.
_SECRET = (
    ".aws",
    ".azure",
    ".cache/huggingface/token",
    ".config/gcloud",
    ".config/gh",
    ".config/git/credentials",
    ".docker",
    ".git-credentials",
    ".gnupg",
    ".huggingface",
    ".jupyter",
    ".kaggle",
    ".kube",
    ".local/share/jupyter/runtime",
    ".local/share/keyrings",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    ".ssh",
)


def places(*of_labcloud: Path) -> Iterator[Path]:
    """Folders and files that programs do not see; `of_labcloud` are among them."""
    yield from of_labcloud
    homes = {Path.home()}
    # A user without an entry has the home of its environment only.
    with contextlib.suppress(KeyError):
        homes.add(Path(pwd.getpwuid(getuid()).pw_dir))
    for home in sorted(homes):
        for name in _SECRET:
            if (home / name).exists():
                yield home / name
