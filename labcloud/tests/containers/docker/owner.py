"""One training of an engine that is not root: `owner.py IMAGE HOME SCRIPT [kept]`.

Prints, as JSON, who it is, whose files there are at /opt/ml afterwards, and what is left of them
when they are deleted. With `kept` it prints a line once the container runs, and waits to be killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

from labcloud.containers.contract import Contract
from labcloud.containers.docker import DockerEngine
from labcloud.containers.engine import ContainerSpec


async def main(image: str, home: Path, script: str, kept: bool) -> None:
    engine = DockerEngine(home)
    await engine.start()
    contract = Contract(home / "jobs" / str(os.getpid()))
    contract.create()
    (contract.config / "scene").write_text(script)
    container = await engine.train(ContainerSpec(image, contract.root))
    if kept:
        async for line in container.lines():
            print(line, flush=True)
    await container.wait()
    await engine.close()
    print(json.dumps({"me": os.getuid(), "owners": owners(home), "left": left(home / "jobs")}))


def owners(folder: Path) -> list[int]:
    """The users to whom something in this folder belongs."""
    found = {path.lstat().st_uid for path in (folder, *folder.rglob("*"))}
    return sorted(found)


def left(folder: Path) -> list[str]:
    shutil.rmtree(folder, ignore_errors=True)
    return [str(path) for path in folder.rglob("*")]


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], "kept" in sys.argv[4:]))
