"""The seal of a stored version: a signature over its document, program and source (I09, I13, A32).

A database trigger prevents changes to a version. The table's owner can switch it off, but does not have the key. A seal
is checked when a program is loaded into a process, again for every job, and by `audit verify`.
"""

import hashlib
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import JSONObject

from common import keys
from common.chain import canonical
from templates_engine.errors import BrokenSeal
from templates_engine.models import Template, TemplateVersion


def seal(version: TemplateVersion) -> None:
    """Sign a version that was just inserted, as read back from the database."""
    version.refresh_from_db()
    version.seal = keys.sign(sealed(version))
    version.save(update_fields=["seal"])


def is_sound(version: TemplateVersion) -> bool:
    """Whether this version is still what was stored."""
    return keys.is_signed(sealed(version), version.seal)


def sound_version(version_id: int) -> TemplateVersion:
    """The version as the database holds it now. Raises BrokenSeal."""
    return judged(TemplateVersion.objects.select_related("template").get(pk=version_id))


def judged(version: TemplateVersion) -> TemplateVersion:
    """Return the same version. Raises BrokenSeal if it is not what was stored."""
    if not is_sound(version):
        raise BrokenSeal(key=version.template.key, number=version.number)
    return version


def as_json(version_id: int) -> QuerySet[TemplateVersion, Any]:
    """A version as one JSON value, to read it inside another statement; see from_json."""
    parts = ("id", "number", "source", "document", "program", "seal")
    whole = JSONObject(template__key="template__key", **{part: part for part in parts})
    return TemplateVersion.objects.filter(pk=version_id).order_by().values_list(whole)


def from_json(found: dict[str, Any]) -> TemplateVersion:
    """The version from a value of as_json."""
    template = Template(key=found.pop("template__key"))
    return TemplateVersion(**found, template=template)


def sealed(version: TemplateVersion) -> bytes:
    """The bytes that the seal covers. They include the id, because tickets are pinned to it."""
    body = {
        "id": version.pk,
        "template": version.template.key,
        "number": version.number,
        "source": hashlib.sha256(version.source.encode()).hexdigest(),
        "document": version.document,
        "program": version.program,
    }
    return b"template version\n" + canonical(body)
