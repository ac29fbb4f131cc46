"""What the labs share: connect, split, upload, watch, plot, check, clean up. Small on purpose.

Everything that teaches SageMaker stands in the notebooks, in the SDK's own words; here is only
what would distract from it.
"""

from labhelpers.checks import Exercise, Exercises, NotYet
from labhelpers.cleanup import clean_up, leftovers
from labhelpers.connect import Lab, connect
from labhelpers.data import Split, save_csv, split
from labhelpers.errors import LabError
from labhelpers.latest import latest_model, latest_training_job
from labhelpers.storage import contents, download, upload
from labhelpers.watch import training_curve, watch

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
