"""Loads the programs of stored versions."""

from functools import lru_cache

from templates_engine.models import TemplateVersion
from templates_engine.program.program import Program, build
from templates_engine.store.seals import sound_version


@lru_cache(maxsize=512)
def load(version_id: int) -> Program:
    """The program of a stored version, cached in this process: versions never change (I09). Raises BrokenSeal."""
    return program_of(sound_version(version_id))


def glance(version_id: int) -> Program:
    """The program of a stored version without checking its seal: use it to name nodes, never to run it."""
    return program_of(TemplateVersion.objects.defer("source").get(pk=version_id))


def program_of(version: TemplateVersion) -> Program:
    """The program of this version, from its row."""
    return build(version.program, version.number, version.document)
