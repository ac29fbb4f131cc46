"""All steps together, and what they begin and end with."""

from __future__ import annotations

import sys
import traceback

from hypothesis.errors import HypothesisException, StopTest

from labcloud.client import launch
from labcloud_support.life import eventually

from .deaths import DeathSteps
from .ground import ARTIFACTS, Material
from .objects import VERSIONED


class Machine(DeathSteps):
    """The steps, and a model of what labcloud must have after each of them."""

    def __init__(self, material: Material) -> None:
        super().__init__(material)
        try:
            self._furnish()
        except BaseException:
            launch.stop(self.cloud.home)
            raise

    def _furnish(self) -> None:
        for bucket in (*self.buckets, ARTIFACTS):
            self.cloud.s3.create_bucket(Bucket=bucket)
        self.cloud.s3.put_bucket_versioning(
            Bucket=VERSIONED, VersioningConfiguration={"Status": "Enabled"}
        )
        for name in self.material.case["channels"].values():
            self._put(self.material.bucket, f"{name}/data", self.material.files[name].encode())
        self._put(self.material.bucket, "model.tar.gz", self.material.model)
        self._create_model()
        for _ in range(2):
            self.create_config(0)

    def teardown(self) -> None:
        # After a failed step there is nothing to wait for. Hypothesis takes the step again, and if
        # it does not fail then, says that it does not always, and nothing else.
        error = sys.exc_info()[1]
        try:
            if isinstance(error, HypothesisException | StopTest):
                return
            if error:
                traceback.print_exc()
                print(self.cloud.home.log.read_text()[-5000:])
            else:
                self.everything_settles()
        finally:
            launch.stop(self.cloud.home)

    def everything_settles(self) -> None:
        """At the end: all that can end has ended, all endpoints answer, nothing else runs."""
        self.jobs_settle()
        for name in sorted(self.deleting):
            self.is_deleted(name)
        for name in sorted(self.endpoints):
            self.endpoint_settles(name)
            self._answers(name)
        self.objects_are_there()
        self.jobs_are_there()
        self.resources_are_there()
        serving = len([each for each in self.endpoints.values() if not each.failed])
        eventually(
            lambda: len(self.cloud.workers(serving=True)) == serving, f"{serving} model servers run"
        )
