"""Imports the engine of the event store without starting it, so that it can be done before a fork.

When `chdb` is imported it starts an engine in memory, asks for its version, and stops it: a tenth of a second in each
process, and threads, which do not outlive a fork. Here a child does that, and tells the version.
"""

import ctypes
import importlib
import importlib.util
import os
import sys
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple


def import_engine() -> None:
    """Import `chdb`, if it is there."""
    spec = importlib.util.find_spec("chdb")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for library in Path(place).glob("_chdb*.so"):
            ctypes.CDLL(str(library), mode=sys.getdlopenflags() | 0x8)  # RTLD_DEEPBIND, as it loads itself
            version = _version()
            _import_with(_native(library), version)


class _Engine(NamedTuple):
    """Stands for the engine while its version is asked for."""

    version: str

    def query(self, *_: str) -> "_Engine":
        return self

    def bytes(self) -> bytes:
        return f'"{self.version}"\n'.encode()

    def close(self) -> None: ...


def _version() -> str:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, importlib.import_module("chdb").engine_version.encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        version = told.read()
    os.waitpid(child, 0)
    assert version, "the engine of the event store does not start"
    return version


def _native(library: Path) -> ModuleType:
    loader = ExtensionFileLoader("chdb._chdb", str(library))
    module = importlib.util.module_from_spec(ModuleSpec("chdb._chdb", loader, origin=str(library)))
    loader.exec_module(module)
    return module


def _import_with(native: Any, version: str) -> None:
    connect = native.connect
    native.connect = lambda *_: _Engine(version)
    sys.modules["chdb._chdb"] = native
    importlib.import_module("chdb")
    native.connect = connect
