"""Commands that check and store templates, publish them, and take them off offer."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, Role, User
from accounts.organisation.people import Person
from accounts.organisation.snapshot import Snapshot
from accounts.trail.acts import SYSTEM, Kind, Origin, record
from common.errors import finding
from templates_engine.document.check import Checked, check_text
from templates_engine.document.parents import broken_parents, parents_of
from templates_engine.errors import NoSuchTemplate, NothingPublished, TemplateRefused
from templates_engine.findings.finding import Finding
from templates_engine.language.directory import Directory
from templates_engine.models import Template, TemplateVersion
from templates_engine.parts import Document
from templates_engine.ports import actions
from templates_engine.program.program import compile_chain
from templates_engine.proofs.people import warn
from templates_engine.proofs.usable import not_for
from templates_engine.store.offering import lock_what_is_on_offer, put_on_offer, require_publisher, take_off_offer
from templates_engine.store.published import Published
from templates_engine.store.queries import belongs, may_use
from templates_engine.store.seals import seal
from templates_engine.text import localize

State = TemplateVersion.State
OTHER_KEY = _("The text says “%(key)s”, but this is the draft of “%(wanted)s”. A template keeps its key.")
_OPENED_BY = _("The published template “%(template)s” opens sub-tickets from it. Change or retire that one first.")


@dataclass(frozen=True)
class Stored:
    """A version, and today's warnings of its check."""

    version: TemplateVersion
    warnings: list[Finding]


def _directory(people: Snapshot) -> Directory:
    """The directory of today's roles, people and departments."""
    roles = dict(Role.objects.values_list("key", "name"))
    departments = dict(Department.objects.values_list("key", "name"))
    return Directory(
        roles=set(roles),
        usernames={person.username for person in people.everybody},
        departments=set(departments),
        names={
            "role": {localize(name, language): key for key, name in roles.items() for language in ("zh", "en")},
            "user": {person.name: person.username for person in people.everybody},
            "department": {name: key for key, name in departments.items()},
        },
    )


def check(text: str | bytes) -> Checked:
    """Check a document against today's organisation and actions."""
    people = Snapshot()
    directory = _directory(people)
    published = Published()
    checked = check_text(text, directory, actions(), published)

    def may(rules: tuple[Any, ...], person: Person) -> bool:
        return belongs(rules, people.profile(person))

    if checked.ok and checked.subject is not None:
        document = checked.subject.document
        everybody = audience(document, people)
        for found in (*warn(checked.subject, people, everybody), *not_for(document, actions(), everybody, may)):
            checked.add(found)
        for found in broken_parents(document, published, directory, actions()):
            checked.add(found)
    return checked


def audience(document: Document, people: Snapshot) -> list[Person]:
    """The people who may start a ticket from this document."""
    return [person for person in people.everybody if may_use(document, people.profile(person))]


@transaction.atomic
def import_template(
    *, text: str | bytes, actor: User | None, at: datetime, publish_it: bool, note: str = "", origin: Origin = SYSTEM
) -> Stored:
    """Check, compile and store a document as the next version of its template.

    Importing the newest version again, byte for byte, creates no new one. Raises TemplateRefused with every error
    (nothing is stored) and NotPublisher.
    """
    require_publisher(actor)
    if publish_it:
        lock_what_is_on_offer()
    checked = check(text)
    if not checked.ok or checked.document is None:
        raise TemplateRefused(errors=[found.render() for found in checked.errors])
    source = text if isinstance(text, str) else text.decode("utf-8")
    template, _created = Template.objects.get_or_create(key=checked.document["key"])
    Template.objects.select_for_update().get(pk=template.pk)
    newest = template.versions.order_by("-number").first()
    if newest is not None and newest.source == source:
        version = newest
    else:
        version = TemplateVersion.objects.create(
            template=template,
            number=newest.number + 1 if newest else 1,
            source=source,
            document=checked.document,
            program=compile_chain(checked.document),
            created_by=actor,
        )
        seal(version)
    if publish_it and version.state != State.PUBLISHED:
        put_on_offer(template, version, actor=actor, origin=origin, at=at, note=note)
    return Stored(version, checked.warnings)


@transaction.atomic
def publish(
    *, key: str, number: int | None, actor: User | None, at: datetime, note: str = "", origin: Origin = SYSTEM
) -> Stored:
    """Publish a version (default: the newest) after checking it again against today's organisation.

    Running tickets keep their version. Raises NoSuchTemplate, TemplateRefused, NotPublisher, BrokenSeal.
    """
    require_publisher(actor)
    lock_what_is_on_offer()
    stored = checked_version(key=key, number=number, actor=actor)
    version = stored.version
    if version.state != State.PUBLISHED:
        put_on_offer(version.template, version, actor=actor, origin=origin, at=at, note=note)
    return stored


def checked_version(*, key: str, number: int | None, actor: User | None) -> Stored:
    """A version (default: the newest) that passes today's check, its template locked.

    Raises NotPublisher, NoSuchTemplate, TemplateRefused.
    """
    require_publisher(actor)
    template = Template.objects.select_for_update().filter(key=key).first()
    versions = template.versions.order_by("-number") if template else TemplateVersion.objects.none()
    version = versions.filter(number=number).first() if number is not None else versions.first()
    if template is None or version is None:
        raise NoSuchTemplate
    checked = check(version.source)
    if not checked.ok:
        raise TemplateRefused(errors=[found.render() for found in checked.errors])
    version.template = template
    return Stored(version, checked.warnings)


@transaction.atomic
def retire(*, key: str, note: str = "", actor: User | None, origin: Origin = SYSTEM, at: datetime) -> TemplateVersion:
    """Offer the template no more; tickets under way go on. Return the version that was published until now.

    Raises NoSuchTemplate, NotPublisher, NothingPublished, and TemplateRefused if another published template opens
    tickets from this one: it is named.
    """
    require_publisher(actor)
    lock_what_is_on_offer()
    template = Template.objects.select_for_update(of=("self",)).select_related("current").filter(key=key).first()
    if template is None:
        raise NoSuchTemplate
    version = template.current
    if version is None:
        raise NothingPublished
    used_by = parents_of(key, Published())
    if used_by:
        raise TemplateRefused(
            errors=[finding("", "opened_by", str(_OPENED_BY % {"template": name})) for name in used_by]
        )
    take_off_offer(template)
    data = {"key": key, "version": version.number, "note": note}
    record(Kind.TEMPLATE_RETIRED, actor=actor, origin=origin, at=at, about=f"template:{key}", data=data)
    return version


def import_file(path: Path, *, at: datetime, publish_it: bool) -> Stored:
    """Import a file from the command line. Raises TemplateRefused."""
    return import_template(text=path.read_bytes(), actor=None, at=at, publish_it=publish_it)
