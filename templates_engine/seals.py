"""The seal of a stored version: a signature over its document, program and source (I9, I13, A32).

The database's own trigger keeps a version from changing; whoever owns the table can switch that off, but has no key.
A seal is checked when a program is loaded into a process, again for every job, and by `audit verify`.
"""

import hashlib
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import JSONObject

from config import keys
from config.chain import canonical
from templates_engine.errors import BrokenSeal
from templates_engine.models import Template, TemplateVersion


def seal(version: TemplateVersion) -> None:
    """Sign a version that has just been inserted, as the database gives it back."""
    version.refresh_from_db()
    version.seal = keys.sign(sealed(version))
    version.save(update_fields=["seal"])


def is_sound(version: TemplateVersion) -> bool:
    """Whether this version is what was stored once."""
    return keys.is_signed(sealed(version), version.seal)


def sound_version(version_id: int) -> TemplateVersion:
    """A version as the database has it now. Raises BrokenSeal."""
    return judged(TemplateVersion.objects.select_related("template").get(pk=version_id))


def judged(version: TemplateVersion) -> TemplateVersion:
    """The same version. Raises BrokenSeal where it is not what was stored once."""
    if not is_sound(version):
        raise BrokenSeal(key=version.template.key, number=version.number)
    return version


def as_json(version_id: int) -> QuerySet[TemplateVersion, Any]:
    """A version in one JSON value, to be read within another statement; see from_json."""
    parts = ("id", "number", "source", "document", "program", "seal")
    whole = JSONObject(template__key="template__key", **{part: part for part in parts})
    return TemplateVersion.objects.filter(pk=version_id).order_by().values_list(whole)


def from_json(found: dict[str, Any]) -> TemplateVersion:
    """The version that as_json read."""
    template = Template(key=found.pop("template__key"))
    return TemplateVersion(**found, template=template)


def sealed(version: TemplateVersion) -> bytes:
    """What the seal covers. The id is in it, for that is what tickets are pinned to."""
    body = {
        "id": version.pk,
        "template": version.template.key,
        "number": version.number,
        "source": hashlib.sha256(version.source.encode()).hexdigest(),
        "document": version.document,
        "program": version.program,
    }
    return b"template version\n" + canonical(body)
