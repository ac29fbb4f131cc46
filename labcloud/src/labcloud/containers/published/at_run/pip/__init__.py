"""Stands before pip in a container of an own image, and is pip but for `python -m pip`.

Any Python of the image's may import it, so it needs nothing of labcloud's.
"""

import os
import pkgutil

__path__ = pkgutil.extend_path(__path__, __name__)
for _folder in __path__[1:]:
    with open(os.path.join(_folder, "__init__.py"), encoding="utf-8") as _file:
        exec(compile(_file.read(), _file.name, "exec"))
    break
