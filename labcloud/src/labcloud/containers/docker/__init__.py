"""The engine that runs images of the local Docker daemon, as AWS runs them."""

from labcloud.containers.docker.engine import DockerEngine

__all__ = ["DockerEngine"]
