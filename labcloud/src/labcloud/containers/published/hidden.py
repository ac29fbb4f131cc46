"""What a program must not find on this machine, because it would not find it on AWS: labcloud's
state, with the data and the keys of everybody, and the credentials of the server's user."""

from __future__ import annotations

import contextlib
import pwd
from collections.abc import Iterator
from os import getuid
from pathlib import Path

from labcloud.containers.packages.settings import configurations
from labcloud.state.credentials import WITH_PASSWORD

# Below a home: where the tools of other services, and those of this machine, keep keys and tokens.
_SECRET = (
    ".aws",
    ".bash_history",
    ".boto",
    ".azure",
    ".databrickscfg",
    ".cache/huggingface/token",
    ".config/gcloud",
    ".config/gh",
    ".config/git/credentials",
    ".config/rclone",
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
    ".python_history",
    ".ssh",
    ".terraform.d",
    ".vault-token",
    ".zsh_history",
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
        # The state of another labcloud, where it is unless somebody names a folder.
        other = home / ".labcloud"
        if other.exists() and other.resolve() not in (each.resolve() for each in of_labcloud):
            yield other
    yield from with_passwords()


def with_passwords() -> list[Path]:
    """The user's files of pip's that hold one: pip may read them, and no job."""
    texts = ((each, each.read_text("utf-8", "replace")) for each in configurations())
    return [path for path, text in texts if WITH_PASSWORD.search(text)]
