"""Drafts: the text that template administrators work on together. Nothing of one is lost to another."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.trail.acts import Origin
from common.errors import finding
from common.yaml_reader import DOCUMENT
from templates_engine.errors import ChangedMeanwhile, NoDraft, NoSuchTemplate, TemplateRefused
from templates_engine.models import TemplateDraft, TemplateVersion
from templates_engine.store import commands
from templates_engine.store.offering import require_publisher

ANY = -1  # whichever revision is stored (If-Match: *)


@dataclass(frozen=True)
class Opened:
    """What the editor opens. revision 0: nobody has saved a draft, this is the text of version `base`."""

    key: str
    source: str
    revision: int
    base: int | None
    changed_by: str | None = None
    changed_at: datetime | None = None


def opened(key: str, actor: User) -> Opened:
    """The draft, or the newest version where there is none. Raises NotPublisher, NoSuchTemplate."""
    require_publisher(actor)
    draft = TemplateDraft.objects.select_related("changed_by").filter(key=key).first()
    if draft is not None:
        return _opened(draft)
    newest = TemplateVersion.objects.filter(template__key=key).order_by("-number").first()
    if newest is None:
        raise NoSuchTemplate
    return Opened(key, newest.source, 0, newest.number)


@transaction.atomic
def keep(*, key: str, text: bytes, revision: int, actor: User, at: datetime) -> Opened:
    """Save the text, whatever state it is in, in place of this revision (0: nobody has saved one; ANY: any).

    Saving the stored text again changes nothing. Raises NotPublisher, ChangedMeanwhile, and TemplateRefused if the
    bytes cannot be stored: no UTF-8, too large, or with control characters.
    """
    require_publisher(actor)
    source = _storable(text)
    draft = TemplateDraft.objects.select_for_update(of=("self",)).select_related("changed_by").filter(key=key).first()
    if draft is None:
        return _opened(_first(key, source, revision, actor, at))
    if draft.source == source:
        return _opened(draft)
    _require_revision(draft, revision)
    draft.source, draft.changed_by, draft.changed_at = source, actor, at
    draft.revision += 1
    draft.save()
    return _opened(draft)


@transaction.atomic
def discard(*, key: str, revision: int, actor: User) -> None:
    """Delete the draft; versions stay. Raises NotPublisher, NoDraft, ChangedMeanwhile."""
    require_publisher(actor)
    _locked(key, revision).delete()


@transaction.atomic
def store_draft(*, key: str, revision: int, actor: User, origin: Origin, at: datetime) -> commands.Stored:
    """Make the draft the next version, not published yet, and delete the draft.

    Raises NotPublisher, NoDraft, ChangedMeanwhile, and TemplateRefused with every error, also if the text names another
    key than its address.
    """
    require_publisher(actor)
    draft = _locked(key, revision)
    stored = commands.import_template(text=draft.source, actor=actor, at=at, publish_it=False, origin=origin)
    named = stored.version.template.key
    if named != key:
        raise TemplateRefused(
            errors=[finding("key", "other_key", str(commands.OTHER_KEY % {"key": named, "wanted": key}))]
        )
    draft.delete()
    return stored


def _first(key: str, source: str, revision: int, actor: User, at: datetime) -> TemplateDraft:
    if revision > 0:  # it was discarded or published meanwhile
        raise ChangedMeanwhile(revision=0, changed_by=None, changed_at=None)
    newest = TemplateVersion.objects.filter(template__key=key).order_by("-number").values_list("number", flat=True)
    values: dict[str, Any] = {"source": source, "revision": 1, "base": newest.first()}
    draft, made = TemplateDraft.objects.get_or_create(
        key=key, defaults={**values, "changed_by": actor, "changed_at": at}
    )
    if not made and draft.source != source:  # two people saved their first at the same moment
        _require_revision(draft, 0)
    return draft


def _locked(key: str, revision: int) -> TemplateDraft:
    draft = TemplateDraft.objects.select_for_update(of=("self",)).select_related("changed_by").filter(key=key).first()
    if draft is None:
        raise NoDraft
    _require_revision(draft, revision)
    return draft


def _require_revision(draft: TemplateDraft, revision: int) -> None:
    if revision not in (ANY, draft.revision):
        seen = _opened(draft)
        raise ChangedMeanwhile(revision=seen.revision, changed_by=seen.changed_by, changed_at=seen.changed_at)


def _opened(draft: TemplateDraft) -> Opened:
    who = draft.changed_by.username if draft.changed_by else None
    return Opened(draft.key, draft.source, draft.revision, draft.base, who, draft.changed_at)


def _storable(text: bytes) -> str:
    try:
        source = text.decode("utf-8")
    except UnicodeDecodeError:
        source = "\0"
    if len(text) > DOCUMENT.size or "\0" in source:
        raise TemplateRefused(errors=[found.render() for found in commands.check(text).errors])
    return source
