"""Steps that kill: a model server, a training worker, the nursery, and the server itself."""

from __future__ import annotations

import contextlib
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import psutil
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import strategies as st
from hypothesis.stateful import rule

from labcloud_support.life import PATIENCE, eventually

from .endpoints import EndpointSteps
from .expected import COMPLETED, GONE_WITH_THE_SERVER, KILLED
from .ground import PICK
from .objects import KEYS, ObjectSteps


class DeathSteps(ObjectSteps, EndpointSteps):
    """What dies, and what may become of jobs, endpoints and objects then."""

    @rule(which=PICK)
    def kill_a_model_server(self, which: int) -> None:
        self._recovered()
        if servers := self.cloud.workers(serving=True):
            self._kill(servers[which % len(servers)])
            self._endpoints_interrupted()

    @rule(which=PICK)
    def kill_a_training_worker(self, which: int) -> None:
        self.jobs_are_there()
        running = self._running()
        workers = self.cloud.workers(serving=False)
        if not workers:
            return
        for job in running:
            job.endings.add(KILLED)
        # A model server that is not ready has no socket yet, as a child of the nursery that it is.
        self._endpoints_interrupted()
        self._kill(workers[which % len(workers)])

    @rule()
    def kill_the_nursery(self) -> None:
        self._recovered()
        self.jobs_are_there()
        nursery = self.cloud.nursery()
        if any(endpoint.settled for endpoint in self.endpoints.values()):
            # Model servers need one, so it comes back if it has been killed before.
            nursery = eventually(self.cloud.nursery, "there is a nursery")
        if nursery is None:
            return
        training = self._training()
        for job in self._running():
            job.endings.add(KILLED)
        self._endpoints_interrupted()
        self._kill(nursery)
        for name in training:
            self._wait_for(name)
            assert self.jobs[name].ended in (KILLED, COMPLETED)

    @rule(clean=st.booleans(), writing=st.booleans())
    def restart(self, clean: bool, writing: bool) -> None:
        self.jobs_are_there()
        if writing:
            self._end_while_writing(clean)
        else:
            self.cloud.end(clean=clean)
        self.cloud.begin()
        for job in self.jobs.values():
            if not job.ended:
                job.lost = True
                if not job.stopping:
                    job.endings.add(GONE_WITH_THE_SERVER)
        for endpoint in self.endpoints.values():
            endpoint.interrupted()
            endpoint.settled = False
        if writing:
            self._written()

    def _training(self) -> list[str]:
        """Jobs whose containers run, and that are not being stopped."""
        names = []
        for name, job in self.jobs.items():
            if not job.ended and not job.stopping:
                listed = self.cloud.sagemaker.list_training_jobs(NameContains=name)
                described = self.cloud.sagemaker.describe_training_job(TrainingJobName=name)
                if listed and described["SecondaryStatus"] == "Training":
                    names.append(name)
        return names

    def _kill(self, process: psutil.Process) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
            process.wait(PATIENCE)

    def _recovered(self) -> None:
        """Endpoints that were in service before a restart are so again."""
        for name, endpoint in self.endpoints.items():
            if endpoint.served:
                self.endpoint_settles(name)

    def _endpoints_interrupted(self) -> None:
        for endpoint in self.endpoints.values():
            endpoint.interrupted()
            endpoint.may_fail = endpoint.may_fail or not endpoint.served

    def _end_while_writing(self, clean: bool) -> None:
        """Ends the server while objects are being written; notes what was acknowledged."""
        s3, enough = self.cloud.s3, threading.Event()
        self.unacknowledged: list[tuple[str, str, bytes]] = []

        def write() -> None:
            for number in itertools.count():
                bucket, key = self.buckets[number % 2], KEYS[3 + number // 2 % 2]
                body = self.random.randbytes(1000)
                try:
                    answer = s3.put_object(Bucket=bucket, Key=key, Body=body)
                except (BotoCoreError, ClientError) as error:
                    if isinstance(error, ClientError):
                        # A server that ends says so to requests that take it too long.
                        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503
                    self.unacknowledged.append((bucket, key, body))
                    return
                self._holds(bucket, key, answer, body)
                if number == 4:
                    enough.set()

        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(write)
            writing.add_done_callback(lambda _: enough.set())
            enough.wait()
            self.cloud.end(clean=clean)
            writing.result()

    def _written(self) -> None:
        """What was not acknowledged is there whole, or not at all."""
        for bucket, key, body in self.unacknowledged:
            known = self.objects[bucket].get(key, [])
            try:
                answer = self.cloud.s3.get_object(Bucket=bucket, Key=key)
            except ClientError:
                continue
            found = answer["Body"].read()
            if not known or found != known[-1].body:
                assert found == body
                self._holds(bucket, key, answer, body)
