"""Images of your own: build them, push them to Amazon ECR, and delete them.

On AWS, Docker builds the image and pushes it. On labcloud, Docker builds it if it is there. Without
Docker, labcloud gets the folder of the Dockerfile, and runs the programs in it as processes.
"""

from labhelpers.images.build import (
    build_and_push,
    build_image,
    delete_image,
    push_image,
    pushed_image,
)

__all__ = [
    "build_and_push",
    "build_image",
    "delete_image",
    "push_image",
    "pushed_image",
]
