"""The CEL engine without its package's command line.

``import cel`` runs ``cel/__init__.py``, which imports a terminal program (prompt_toolkit and all):
a third of the time that the hub takes to import. What rules need is the extension module alone. It
is entered under its own name, so that a later ``import cel`` elsewhere finds it: the extension
cannot be initialised twice in a process.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType

_NAME = "cel.cel"


def _engine() -> ModuleType:
    if _NAME not in sys.modules:
        package = find_spec("cel")
        spec = package and PathFinder.find_spec(_NAME, package.submodule_search_locations)
        if spec is None or spec.loader is None:
            raise ModuleNotFoundError("common-expression-language is not installed", name=_NAME)
        module = sys.modules[_NAME] = module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[_NAME]


_found = _engine()
Context = _found.Context
compile = _found.compile  # noqa: A001 - the library's name for it
