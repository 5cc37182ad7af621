"""What a new ticket needs to know before it is written, in one statement: applicant, version, ids, organisation."""

from dataclasses import dataclass
from datetime import datetime

import orjson

from accounts.models import User
from accounts.organisation.asks import Asks
from accounts.organisation.people import KNOWING, PROFILE, Organisation, Profile, person, profile_of
from common.prepared import prepared
from templates_engine.errors import NoSuchTemplate
from templates_engine.program.program import Program
from templates_engine.store.programs import load
from templates_engine.store.queries import PUBLISHED, require_audience
from tickets.numbers import DEFAULT_PREFIX, NEXT, NewIds, dated

OPENING = f"""
SELECT jsonb_build_object(
    'profile', (SELECT jsonb_build_array(departments, roles) FROM ({PROFILE}) profile),
    'version', (SELECT id FROM ({PUBLISHED}) version),
    'ids', (SELECT jsonb_build_array(number, ticket, content) FROM ({NEXT.replace("%(count)s", "1")}) drawn),
    'known', {KNOWING}
)::text
"""  # noqa: S608 (constants only)
# Template → what its version asked when it was last used here: only what is loaded early depends on it.
_asked: dict[str, Asks] = {}


@dataclass
class Opening:
    """profile: as of people.profile_facts. ids: number, ticket id and content id."""

    profile: Profile
    version_id: int
    program: Program
    ids: NewIds
    organisation: Organisation


def opening(actor: User, template: str, at: datetime) -> Opening:
    """What a ticket of this template by this person begins with. Raises NoSuchTemplate, BrokenSeal."""
    asked = _asked.get(template, Asks()).of(actor.pk, actor.department_id)
    with prepared() as cursor:
        cursor.execute(OPENING, {"user": actor.pk, "department": actor.department_id, "key": template, **asked})
        found = orjson.loads(cursor.fetchone()[0])
    profile = profile_of(actor, *found["profile"])
    if found["version"] is None:
        raise NoSuchTemplate
    version_id = found["version"]
    program = load(version_id)
    require_audience(actor, program.document, lambda: profile)
    organisation = Organisation()
    organisation.learn(asked, found["known"])
    if _asked.get(template) != program.asks:
        _asked[template] = program.asks
        organisation.expect(program.asks, person(actor))
    ids = dated(program.document.get("number_prefix", DEFAULT_PREFIX), at, *found["ids"])
    return Opening(profile, version_id, program, ids, organisation)
