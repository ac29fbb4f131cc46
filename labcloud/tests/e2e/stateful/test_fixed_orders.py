"""Orders of steps in which faults were found, and that the machine does not come upon each time."""

from __future__ import annotations

import pytest

from labcloud_support.life import eventually

from .jobs import INSTANCES
from .machine import Machine

pytestmark = pytest.mark.slow


def test_a_job_that_waits_for_an_instance_can_be_stopped(machine: Machine) -> None:
    machine.create_endless_jobs(INSTANCES)
    machine.create_job()
    machine.jobs_are_there()
    machine.stop_job(INSTANCES, wait=True)


def test_an_endpoint_deleted_while_it_comes_up_again_is_gone(machine: Machine) -> None:
    for name in ("one", "two"):
        machine.create_endpoint(name, 0, wait=True)
    machine.restart(clean=False, writing=False)
    machine.delete_endpoint(0, wait=True)
    # The other one comes up beside what is left of it.
    machine.endpoint_settles("two")
    machine.everything_settles()
    machine.is_deleted("one")


def test_an_endpoint_moved_while_it_comes_up_again_stays_where_it_was_moved(
    machine: Machine,
) -> None:
    machine.create_endpoint("one", 0, wait=True)
    machine.restart(clean=False, writing=False)
    machine.update_endpoint(0, 1, wait=True)
    machine.everything_settles()


def test_model_servers_come_back_when_the_nursery_dies_twice(machine: Machine) -> None:
    machine.create_endpoint("one", 0, wait=True)
    machine.kill_the_nursery()
    machine.kill_the_nursery()
    machine.everything_settles()


def test_a_killed_server_that_is_deleted_before_it_is_back_leaves_none(machine: Machine) -> None:
    machine.create_endpoint("one", 0, wait=True)
    machine.kill_the_nursery()
    eventually(machine.cloud.nursery, "there is a nursery")
    machine.delete_endpoint(0, wait=True)
    machine.everything_settles()
