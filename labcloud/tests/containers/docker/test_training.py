"""Images run as AWS runs them: what they are given, what they say, and how they end."""

from __future__ import annotations

import dataclasses

import pytest

from labcloud.containers.docker import settings
from labcloud.containers.engine import CannotStart, ImageNotAvailable
from labcloud.containers.instances import Resources
from labcloud_support.docker import docker

from .conftest import Play, Stage, until

LIMITS = """
cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes
cat /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us
"""
TOO_MUCH = "python3 -c 'print(len(bytearray(1 << 28)))'"


@pytest.mark.parametrize("code", [0, 1, 42])
def test_the_exit_code_is_that_of_train(play: Play, code: int) -> None:
    async def scene(stage: Stage) -> None:
        assert (await stage.train(f"exit {code}")).code == code

    play(scene)


def test_it_finds_its_folder_and_leaves_its_files(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        done = await stage.train(
            "cd /opt/ml; ls; echo no data >output/failure; mkdir -m 700 model/deep; "
            "echo weights >model/deep/file; chmod 600 model/deep/file"
        )
        assert done.lines == ["checkpoints", "input", "model", "output"]
        assert (done.root / "output" / "failure").read_text() == "no data\n"
        assert (done.root / "model" / "deep" / "file").read_text() == "weights\n"

    play(scene)


def test_a_folder_of_fast_file_mode_can_only_be_read(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        spec = stage.spec("cat /opt/ml/input/data/a/rows; touch /opt/ml/input/data/a/x || echo no")
        folder = spec.root / "input" / "data" / "a"
        folder.mkdir()
        (folder / "rows").write_text("1,2\n")
        spec = dataclasses.replace(spec, read_only={"/opt/ml/input/data/a": folder})
        container = await stage.engine.train(spec)
        lines = [line async for line in container.lines()]
        # Docker does not keep the order of stdout and stderr.
        assert {"1,2", "no"} <= set(lines)

    play(scene)


def test_other_users_of_the_container_may_read(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        spec = stage.spec("setpriv --reuid 12345 --clear-groups cat /opt/ml/model/weights")
        (spec.root / "model" / "weights").write_text("weights")
        (spec.root / "model" / "weights").chmod(0o600)
        container = await stage.engine.train(spec)
        assert [line async for line in container.lines()] == ["weights"]

    play(scene)


def test_it_sees_the_images_variables_and_the_jobs(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "1")

    async def scene(stage: Stage) -> None:
        done = await stage.train("pwd; env", environment={"TRAINING_JOB_NAME": "job"})
        assert done.lines[0] == "/somewhere"
        names = {line.partition("=")[0] for line in done.lines}
        assert {"OF_THE_IMAGE", "TRAINING_JOB_NAME"} <= names
        assert "SECRET_OF_THE_SERVER" not in names

    play(scene)


def test_a_job_may_bring_an_entrypoint(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        done = await stage.train("", entrypoint=("echo", "a"), arguments=("b", "c d"))
        assert done.lines == ["a b c d"]

    play(scene)


def test_all_lines_come_in_order(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        done = await stage.train("seq 1 300000")
        assert done.lines == [str(number) for number in range(1, 300_001)]

    play(scene)


def test_they_wait_for_a_reader(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        container = await stage.begin("seq 1 1000; echo end")
        assert await container.wait() == 0
        assert len([line async for line in container.lines()]) == 1001

    play(scene)


def test_stdout_and_stderr_do_not_mix_within_a_line(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        done = await stage.train("printf one; echo two >&2; echo ' line'")
        assert sorted(done.lines) == ["one line", "two"]

    play(scene)


def test_what_is_no_text_is_replaced_and_long_lines_are_cut(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        done = await stage.train(r"printf 'a\r\n\377\nlast'; head -c 600000 /dev/zero | tr '\0' x")
        assert done.lines[:2] == ["a", "\ufffd"]
        assert "".join(done.lines[2:]) == "last" + "x" * 600_000
        assert max(map(len, done.lines)) == 256 * 1024

    play(scene)


def test_sigterm_reaches_process_1(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        container = await stage.begin(
            "trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.1; done"
        )
        await until(container, "ready")
        container.terminate()
        assert await container.wait() == 5
        assert [line async for line in container.lines()] == ["bye"]

    play(scene)


def test_what_does_not_obey_is_killed(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        container = await stage.begin(
            "trap 'echo no' TERM; echo ready; while :; do sleep 0.1; done"
        )
        await until(container, "ready")
        container.terminate()
        await until(container, "no")
        container.kill()
        assert await container.wait() == 137

    play(scene)


def test_it_has_what_its_instance_type_has(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        memory, *cpu = (await stage.train(LIMITS, instance_type="ml.t3.medium")).lines
        machine = int(docker("info", "--format", "{{.MemTotal}}").stdout)
        assert int(memory) == min(4 * 1024**3, machine) // 4096 * 4096
        cpus = min(2, int(docker("info", "--format", "{{.NCPU}}").stdout))
        assert int(cpu[0].split()[0]) == cpus * 100_000

    play(scene)


def test_too_little_memory_is_named(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "resources_of", lambda _: Resources(1, 1 << 27))

    async def scene(stage: Stage) -> None:
        done = await stage.train(TOO_MUCH, instance_type="ml.m5.large")
        assert done.code == 137
        assert done.lines[-1] == (
            "[labcloud] a process was killed: out of memory (limit 0.125 GiB)"
        )

    play(scene)


@pytest.mark.parametrize(("isolated", "interfaces"), [(True, ["lo"]), (False, ["eth0", "lo"])])
def test_an_isolated_job_has_no_network(play: Play, isolated: bool, interfaces: list[str]) -> None:
    async def scene(stage: Stage) -> None:
        done = await stage.train("ls /sys/class/net; getent hosts algo-1", isolated=isolated)
        assert (done.lines[:-1], done.code) == (interfaces, 0)

    play(scene)


def test_root_of_the_container_makes_no_devices(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        done = await stage.train("mknod /opt/ml/model/disk b 8 0")
        assert done.code == 1
        assert "Operation not permitted" in done.lines[0]

    play(scene)


def test_the_container_says_whose_it_is(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        container = await stage.begin("echo ready; sleep 60", owner="training-job/one")
        await until(container, "ready")
        assert stage.containers() == [container.id]
        label = '{{index .Config.Labels "labcloud.owner"}}'
        assert docker("inspect", "-f", label, container.id).stdout == "training-job/one\n"

    play(scene)


def test_what_cannot_be_started_says_why_and_leaves_nothing(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        with pytest.raises(CannotStart) as refused:
            await stage.train("", entrypoint=("trian",))
        assert str(refused.value) == 'exec: "trian": executable file not found in $PATH'
        assert stage.containers() == []

    play(scene)


@pytest.mark.parametrize(
    "unknown",
    [
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/nobodys:latest",
        f"123456789012.dkr.ecr.us-east-1.amazonaws.com/nobodys@sha256:{'0' * 64}",
        "No such::name",
    ],
    ids=["tag", "digest", "no-name"],
)
def test_an_unknown_image_is_not_available(play: Play, unknown: str) -> None:
    async def scene(stage: Stage) -> None:
        assert not await stage.engine.holds(unknown)
        with pytest.raises(ImageNotAvailable, match="the Docker daemon does not hold it"):
            await stage.train("", image=unknown)

    play(scene)


def test_the_image_is_held(play: Play) -> None:
    async def scene(stage: Stage) -> None:
        assert await stage.engine.holds(stage.image)
        await stage.engine.check(stage.image)

    play(scene)
