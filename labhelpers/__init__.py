"""What the labs share: connect, split, upload, watch, plot, check, clean up.

What teaches SageMaker is in the notebooks, in the words of the AWS SDKs. Here is what would
distract from it. docs/labhelpers.md lists the functions.
"""

from labhelpers.answers import NotYet
from labhelpers.checks import Exercise, Exercises
from labhelpers.cleanup import clean_up, leftovers
from labhelpers.connect import connect
from labhelpers.data import Split, save_csv, split
from labhelpers.errors import LabError
from labhelpers.lab import Lab
from labhelpers.latest import latest_model, latest_training_job
from labhelpers.logs import training_curve
from labhelpers.storage import contents, download, upload
from labhelpers.watch import watch

__all__ = [
    "Exercise",
    "Exercises",
    "Lab",
    "LabError",
    "NotYet",
    "Split",
    "clean_up",
    "connect",
    "contents",
    "download",
    "latest_model",
    "latest_training_job",
    "leftovers",
    "save_csv",
    "split",
    "training_curve",
    "upload",
    "watch",
]
