"""Namespaces for one process: its own /opt/ml, its image's files, its network. Linux only.

Namespaces (namespaces(7)), as container engines use them, in a user namespace (user_namespaces(7)):
a program cannot read the environment or the memory of processes outside of it, and what is hidden
from it stays hidden. It is no sandbox all the same: the rest of the machine's files are there.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

# linux/sched.h
_NEW_MOUNTS = 0x00020000
_NEW_IPC = 0x08000000
_NEW_USER = 0x10000000
_NEW_PROCESSES = 0x20000000
_NEW_NETWORK = 0x40000000
# linux/mount.h
_READ_ONLY = 1
_REMOUNT = 32
_BIND = 4096
_RECURSIVE = 16384
_UNBINDABLE = 1 << 17
_PRIVATE = 1 << 18
# Not set by files, not run, no devices, and whether reading is noted.
_OF_A_MOUNT = 2 | 4 | 8 | 1024 | 2048
_OF_PROC = 2 | 4 | 8
# linux/prctl.h, linux/capability.h
_DROP_FROM_BOUNDS = 24
_LAST_CAPABILITY = 63
# What Docker leaves to a container's root, but for what leads out of a chroot and to the disks:
# CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, NET_RAW,
# AUDIT_WRITE, SETFCAP.
_KEPT_CAPABILITIES = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 29, 31}
# Below /: what root's programs must not write, and what they must not see.
_SEALED = ("proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger", "sys")
_MASKED = ("proc/kcore", "proc/keys", "proc/timer_list", "dev/kmsg", "dev/mem", "dev/port")
# linux/sockios.h, linux/if.h
_SET_FLAGS = 0x8914
_UP = 0x1

# The layers over the machine's own folders, by name.
_Layer = dict[str, Any]


class Forbidden(Exception):
    """The kernel does not let this process have namespaces; the message says which call failed."""


def enter(
    image: Path | None,
    folders: dict[str, Path],
    staging: Path,
    *,
    network: bool,
    hidden: Collection[Path] = (),
    readable: Collection[Path] = (),
    writable: Collection[Path] = (),
    sizes: Mapping[Path, int] | None = None,
    fork: Callable[[], None] | None = None,
) -> None:
    """Moves this process, which must have one thread, to where it sees `image` laid over `/`.

    `folders` maps further absolute paths, such as /opt/ml, to folders of the machine; `staging` is
    an empty folder. Without `network` there is a loopback device and nothing else. Folders and
    files that are `hidden` are empty, but for folders below them that can be read or written;
    `sizes` says how much some of them may take (bytes). `fork` is called where the children of this
    process have a process namespace of their own, and returns in the first one of them only. Shared
    memory, semaphores and queues of System V are their own, too, and go with them.
    Raises Forbidden, and then all files are where they were.
    """
    if sys.platform != "linux":
        raise Forbidden("only Linux has namespaces")
    flags = _NEW_MOUNTS | (0 if network else _NEW_NETWORK)
    own_processes = fork is not None and _unshared(flags | _NEW_PROCESSES | _NEW_IPC)
    if fork and own_processes:
        fork()
    else:
        _unshare(flags)
    try:
        if not network:
            _loopback_up()
        _lay_over(image, folders, staging)
        if own_processes:
            # Where this is refused, the processes outside are seen, and can still not be signalled.
            with contextlib.suppress(OSError):
                _mount(Path("proc"), staging / "proc", _OF_PROC, "proc")
        for path in hidden:
            size = f",size={sizes[path]}" if sizes and path in sizes else ""
            _hide(path.resolve(), staging, readable, writable, size)
        _close_the_kernel(staging)
        os.chroot(staging)
        os.chdir("/")
    except OSError as error:
        # Some distributions give a user namespace, and no rights in it.
        raise Forbidden(f"mounts: {error.strerror}") from error


def protect(folder: Path) -> None:
    """Makes a folder one that this process, and what it starts, can only read.

    Where the kernel does not allow that, the folder stays as it is.
    """
    with contextlib.suppress(OSError):
        _mount(folder, folder, _BIND)
        _read_only(folder)


def seal(writable: Collection[Path]) -> None:
    """Makes everything that this process sees, after `enter`, read-only, but for some mounts.

    Raises Forbidden where something would stay writable.
    """
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        # proc(5): the fifth field, in which a space is \\040.
        mounted = Path(line.split()[4].encode().decode("unicode_escape"))
        if mounted in writable:
            continue
        try:
            _read_only(mounted)
        except OSError as error:
            # What another mount covers is not there, and cannot be written either.
            with contextlib.suppress(OSError):
                if not os.statvfs(mounted).f_flag & os.ST_RDONLY:
                    raise Forbidden(f"{mounted}: {error.strerror}") from error


def _read_only(mounted: Path) -> None:
    # Of a mount of somebody else's, none of these may be taken away.
    as_it_is = os.statvfs(mounted).f_flag & _OF_A_MOUNT
    _mount(None, mounted, _BIND | _REMOUNT | _READ_ONLY | as_it_is)


def _close_the_kernel(staging: Path) -> None:
    """What root could change of the machine by writing a file, as Docker closes it."""
    for name in _SEALED:
        place = staging / name
        with contextlib.suppress(OSError):
            _mount(place, place, _BIND | (_RECURSIVE if place.is_dir() else 0))
            _read_only(place)
    disks = (each for each in (staging / "dev").iterdir() if each.is_block_device())
    for place in (*(staging / name for name in _MASKED), *disks):
        with contextlib.suppress(OSError):
            if place.exists():
                _mount(Path(os.devnull), place, _BIND)


def shed_rights() -> None:
    """Takes from the program that this process becomes the rights to undo what `enter` did.

    Only root's program would have them.
    """
    with contextlib.suppress(OSError):
        for capability in {*range(_LAST_CAPABILITY + 1)} - _KEPT_CAPABILITIES:
            _call("prctl", _DROP_FROM_BOUNDS, ctypes.c_ulong(capability), 0, 0, 0)


def _hide(
    path: Path,
    staging: Path,
    readable: Collection[Path],
    writable: Collection[Path],
    options: str = "",
) -> None:
    place = staging / path.relative_to("/")
    if place.is_dir():
        _mount(Path("tmpfs"), place, 0, "tmpfs", f"mode=0755{options}")
        # What can be written may lie in what can be read.
        for folder in (each.resolve() for each in (*readable, *writable)):
            if path in folder.parents and folder.exists():
                again = staging / folder.relative_to("/")
                (again if folder.is_dir() else again.parent).mkdir(parents=True, exist_ok=True)
                if not folder.is_dir():
                    again.touch()
                _mount(folder, again, _BIND | _RECURSIVE)
                if folder not in (each.resolve() for each in writable):
                    _read_only(again)
    elif place.exists():
        _mount(Path(os.devnull), place, _BIND)


def _lay_over(image: Path | None, folders: dict[str, Path], staging: Path) -> None:
    _mount(None, Path("/"), _RECURSIVE | _PRIVATE)
    _mount(Path("tmpfs"), staging, 0, "tmpfs", "mode=0755")
    # Otherwise the machine's folders, bound below it, would contain it again.
    _mount(None, staging, _UNBINDABLE)
    layer = _layer(image) if image else {}
    for path, folder in folders.items():
        *above, name = path.strip("/").split("/")
        place = layer
        for part in above:
            found = place.setdefault(part, {})
            if isinstance(found, Path):
                found = place[part] = _layer(found)
            place = found
        place[name] = folder
    _compose(Path("/"), staging, layer)


def _unshared(flags: int) -> bool:
    try:
        _unshare(flags)
    except Forbidden:
        return False
    return True


def _unshare(flags: int) -> None:
    user, group = os.getuid(), os.getgid()
    try:
        if user == 0:
            _as_root(flags)
            return
        _call("unshare", flags | _NEW_USER)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    except OSError as error:
        raise Forbidden(f"user namespaces: {error.strerror}") from error


def _as_root(flags: int) -> None:
    """A user namespace in which everybody is who they are outside; without it where there is none.

    The tables are written from outside: inside, nobody has the right to. Raises OSError.
    """
    tables = {
        name: "".join(
            f"{inside} {inside} {count}\n"
            for inside, _, count in map(
                str.split, Path(f"/proc/self/{name}").read_text().splitlines()
            )
        )
        for name in ("uid_map", "gid_map")
    }
    ready, is_there = os.pipe()
    parent, outside = os.getpid(), os.fork()
    if outside == 0:
        with contextlib.suppress(BaseException):
            os.close(is_there)
            os.read(ready, 1)
            for name, table in tables.items():
                Path(f"/proc/{parent}/{name}").write_text(table)
            os._exit(0)
        os._exit(1)
    try:
        _call("unshare", flags | _NEW_USER)
    except OSError:
        os.kill(outside, signal.SIGKILL)
        os.waitpid(outside, 0)
        _call("unshare", flags)
        return
    finally:
        os.close(is_there)
        os.close(ready)
    if os.waitpid(outside, 0)[1]:
        raise Forbidden("user namespaces: the tables of users cannot be written")


def _layer(folder: Path) -> _Layer:
    """A folder of the image as names; a folder that the machine lacks stays one path."""
    return {child.name: child for child in folder.iterdir()}


def _compose(machine: Path, new: Path, layer: _Layer) -> None:
    """Makes `new` hold what the machine's folder holds, and the layer before it."""
    for entry in machine.iterdir() if machine.is_dir() else []:
        if entry.name not in layer:
            # A mount of another user cannot be bound, and cannot be used either.
            with contextlib.suppress(OSError):
                _bind(entry, new / entry.name)
    for name, found in layer.items():
        below = machine / name
        if isinstance(found, Path) and found.is_dir() and not found.is_symlink():
            # Both have this folder: their contents are merged.
            found = _layer(found) if below.is_dir() else found
        if isinstance(found, dict):
            (new / name).mkdir()
            _compose(below.resolve(), new / name, found)
        else:
            _bind(found, new / name)


def _bind(source: Path, target: Path) -> None:
    """Binds a path to a second place."""
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    target.mkdir() if source.is_dir() else target.touch()
    _mount(source, target, _BIND | _RECURSIVE)


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh22x", b"lo", _UP))


def _mount(
    source: Path | None, target: Path, flags: int, kind: str = "", options: str = ""
) -> None:
    _call(
        "mount",
        os.fsencode(source) if source else None,
        os.fsencode(target),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        options.encode() or None,
    )


def _call(name: str, *arguments: object) -> None:
    """A function of the C library. Raises OSError."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
