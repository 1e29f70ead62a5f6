"""Read our docstrings as they are meant: what follows "name :" is its description, not its type.

The types stand in the signatures. In numpy's own style, which mkdocstrings reads, the type stands
there. The parameters of a class without a constructor of its own are its attributes.
"""

import re
from typing import Any

from griffe import Class, Extension, Object

PARAMETERS = re.compile(r"^Parameters\n----------\n((?:.+\n)+)", re.MULTILINE)
ENTRY = re.compile(r"^(\w+(?:, \w+)*) : ", re.MULTILINE)
ROLE = re.compile(r":\w+:`~?(?:[\w.]+\.)?(\w+)`")


class Docstrings(Extension):
    """Rewrites each docstring before it is read."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        """Rewrite the docstring of one object."""
        if obj.docstring is None:
            return
        fields = isinstance(obj, Class) and "__init__" not in obj.members
        title = "Attributes" if fields else "Parameters"
        text = ROLE.sub(r"`\1`", f"{obj.docstring.value}\n")
        for section in PARAMETERS.finditer(text):
            described = ENTRY.sub(r"\1\n    ", section[1])
            text = text.replace(section[0], f"{title}\n----------\n{described}")
        obj.docstring.value = text.rstrip("\n")
