"""`python -m pip` of a container: what is there already is not installed once more."""

import os
import runpy
import sys

here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Which labcloud runs this container is known from here, whatever this Python finds by itself.
sources = os.path.abspath(os.path.join(here, *[os.pardir] * 4))
kept = list(sys.path)
sys.path.insert(0, sources)
said = None
try:
    from labcloud.containers.packages.asked import satisfied
except (ImportError, SyntaxError):
    # A Python of the image's own: its pip knows better what it has.
    pass
else:
    sys.path[:] = kept
    said = satisfied(sys.argv[1:], os.environ)
sys.path[:] = [each for each in kept if os.path.abspath(each) != here]
if said is not None:
    print(*said, sep="\n", end="\n" if said else "")
else:
    for name in [name for name in sys.modules if name.partition(".")[0] == "pip"]:
        del sys.modules[name]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
