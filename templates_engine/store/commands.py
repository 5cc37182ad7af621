"""Commands that check, store and publish templates."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from accounts.models import Department, Role, User
from accounts.organisation.people import Person
from accounts.organisation.snapshot import Snapshot
from accounts.permissions import PUBLISH, has_permission
from templates_engine.document.check import Checked, check_text
from templates_engine.document.parents import broken_parents
from templates_engine.errors import BrokenSeal, NoSuchTemplate, NotPublisher, TemplateRefused
from templates_engine.findings.finding import Finding
from templates_engine.language.directory import Directory
from templates_engine.models import Template, TemplateVersion
from templates_engine.ports import actions
from templates_engine.program.program import compile_chain
from templates_engine.proofs.people import warn
from templates_engine.proofs.usable import not_for
from templates_engine.store.published import Published
from templates_engine.store.queries import may_use
from templates_engine.store.seals import is_sound, seal
from templates_engine.text import localize

State = TemplateVersion.State
PUBLISHING = 0x7075626C  # "publ"


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
        return may_use({"visible_to": rules}, people.facts(person) | {"departments": people.department_line(person)})

    if checked.ok and checked.subject is not None:
        document = checked.subject.document
        everybody = audience(document, people)
        for finding in (*warn(checked.subject, people, everybody), *not_for(document, actions(), everybody, may)):
            checked.add(finding)
        for finding in broken_parents(document, published, directory, actions()):
            checked.add(finding)
    return checked


def audience(document: dict[str, Any], people: Snapshot) -> list[Person]:
    """The people who may start a ticket from this document."""
    return [
        person
        for person in people.everybody
        if may_use(document, people.facts(person) | {"departments": people.department_line(person)})
    ]


def require_publisher(actor: User | None) -> None:
    """Raise NotPublisher if the actor may not publish. None is the command line of the server, which may."""
    if actor is not None and not has_permission(actor, PUBLISH):
        raise NotPublisher


@transaction.atomic
def import_template(*, text: str | bytes, actor: User | None, at: datetime, publish_it: bool) -> Stored:
    """Check, compile and store a document as the next version of its template.

    Importing the newest version again, byte for byte, creates no new one. Raises TemplateRefused with every error
    (nothing is stored) and NotPublisher.
    """
    require_publisher(actor)
    if publish_it:
        _lock_what_is_on_offer()
    checked = check(text)
    if not checked.ok or checked.document is None:
        raise TemplateRefused(errors=[finding.render() for finding in checked.errors])
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
        _publish(template, version, at)
    return Stored(version, checked.warnings)


@transaction.atomic
def publish(*, key: str, number: int | None, actor: User | None, at: datetime) -> Stored:
    """Publish a version (default: the newest) after checking it again against today's organisation.

    Running tickets keep their version. Raises NoSuchTemplate, TemplateRefused, NotPublisher, BrokenSeal.
    """
    require_publisher(actor)
    _lock_what_is_on_offer()
    template = Template.objects.select_for_update().filter(key=key).first()
    versions = template.versions.order_by("-number") if template else TemplateVersion.objects.none()
    version = versions.filter(number=number).first() if number is not None else versions.first()
    if template is None or version is None:
        raise NoSuchTemplate
    checked = check(version.source)
    if not checked.ok:
        raise TemplateRefused(errors=[finding.render() for finding in checked.errors])
    if version.state != State.PUBLISHED:
        _publish(template, version, at)
    return Stored(version, checked.warnings)


def _lock_what_is_on_offer() -> None:
    """Lock publishing. Otherwise two templates that open each other could both pass their checks at the same time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PUBLISHING])


def _publish(template: Template, version: TemplateVersion, at: datetime) -> None:
    if not is_sound(version):
        raise BrokenSeal(key=template.key, number=version.number)
    template.versions.filter(state=State.PUBLISHED).update(state=State.RETIRED)
    version.state, version.published_at = State.PUBLISHED, at
    version.save(update_fields=["state", "published_at"])
    template.current = version
    template.save(update_fields=["current"])


def import_file(path: Path, *, at: datetime, publish_it: bool) -> Stored:
    """Import a file from the command line. Raises TemplateRefused."""
    return import_template(text=path.read_bytes(), actor=None, at=at, publish_it=publish_it)
