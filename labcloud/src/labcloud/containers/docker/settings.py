"""The settings of a container: as AWS would run it, with the limits of its instance type."""

from __future__ import annotations

from typing import Any

from docker.types import LogConfig, Mount

from labcloud.containers.contract import ML
from labcloud.containers.docker.daemon import HOME, OWNER, Daemon
from labcloud.containers.engine import ContainerSpec
from labcloud.containers.instances import resources_of

# AWS's port.
PORT = "8080/tcp"
# More processes than this are a mistake (AWS names no limit).
_PROCESSES = 16_384
# The name of the one instance, as resourceconfig.json has it.
_HOST = "algo-1"


def container_settings(
    client: Any, daemon: Daemon, spec: ContainerSpec, command: str
) -> dict[str, Any]:
    """The arguments of the SDK's create_container. `command` is `train`, `serve` or nothing.

    As `docker run IMAGE train`, unless the job brings an entrypoint of its own. The image's user,
    folder and variables stay, and its root has the rights that Docker gives to root, but for
    those of making devices and forging packets.
    """
    serving = command == "serve"
    offline = spec.isolated and not serving
    settings: dict[str, Any] = {
        "image": spec.image,
        "command": [*filter(None, [command]), *spec.arguments],
        "environment": dict(spec.environment),
        "labels": {HOME: daemon.home, OWNER: spec.owner},
        "host_config": client.create_host_config(
            mounts=_mounts(spec),
            network_mode="none" if offline else "bridge",
            # Loopback only, and any port that is free.
            port_bindings={PORT: ("127.0.0.1", None)} if serving else None,
            # With a network, the daemon itself makes the name known.
            extra_hosts={_HOST: "127.0.0.1"} if offline else None,
            cap_drop=["MKNOD", "NET_RAW"],
            security_opt=["no-new-privileges"],
            userns_mode="host" if daemon.remapped else None,
            init=False,
            # The daemon keeps no log: labcloud reads the output as it arrives.
            log_config=LogConfig(type=LogConfig.types.NONE),
            **_limits(daemon.info, spec.instance_type),
        ),
    }
    if serving:
        settings["ports"] = [(8080, "tcp")]
    else:
        settings["hostname"] = _HOST
    if spec.entrypoint:
        settings |= {"entrypoint": list(spec.entrypoint), "command": list(spec.arguments)}
    return settings


def _mounts(spec: ContainerSpec) -> list[Mount]:
    """The folders that the container shares with this machine, the outer ones first."""
    folders = {f"{ML}/{name}": spec.root / name for name in spec.mounted}
    for path, folder in spec.folders.items():
        if not path.startswith(tuple(f"{shared}/" for shared in folders)):
            folders[path] = folder
    shared = [(path, folder, False) for path, folder in folders.items()]
    shared += [(path, folder, True) for path, folder in spec.read_only.items()]
    return [
        Mount(path, str(folder), type="bind", read_only=only)
        for path, folder, only in sorted(shared)
    ]


def _limits(info: dict[str, Any], instance_type: str) -> dict[str, Any]:
    """The limits of the instance type, as far as this machine and its kernel allow."""
    limits: dict[str, Any] = {}
    if info.get("PidsLimit"):
        limits["pids_limit"] = _PROCESSES
    resources = resources_of(instance_type)
    if resources and info.get("MemoryLimit"):
        memory = min(resources.memory, info["MemTotal"])
        # No swap on top of it, as on AWS.
        limits |= {"mem_limit": memory, "memswap_limit": memory}
    if resources and info.get("CpuCfsQuota"):
        limits["nano_cpus"] = min(resources.vcpus, info["NCPU"]) * 10**9
    return limits
