"""Random templates, people, proxies and actions through model and system in parallel (T3, I01 to I12)."""

import json
import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from templates_engine.store.commands import check
from tests.model.documents import FORMS, families, templates
from tests.model.engine import furnish, publish
from tests.model.programs import PROGRAMS
from tests.model.side_by_side import walk

pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.timeout(600)]
LONG = os.environ.get("BATON_EXAMPLES")  # so many examples, and others at every run


def bounded(examples: int) -> settings:
    """The same examples each time, so that a red test is red again; BATON_EXAMPLES=5000 looks further."""
    return settings(
        max_examples=int(LONG or examples),
        deadline=None,
        database=None,
        derandomize=not LONG,
        report_multiple_bugs=False,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@bounded(150)
@given(document=templates(), form=FORMS, program=PROGRAMS)
def test_T03_the_system_does_what_the_model_does(document, form, program) -> None:
    with transaction.atomic():
        furnish()
        if check(json.dumps(document)).ok:
            walk([document], form, program)
        transaction.set_rollback(True)


@bounded(60)
@given(documents=families(), form=FORMS, program=PROGRAMS)
def test_I12_a_family_of_tickets_does_what_the_model_does(documents, form, program) -> None:
    with transaction.atomic():
        furnish()
        if _good(documents):
            walk(documents, form, program)
        transaction.set_rollback(True)


def _good(documents: list[dict]) -> bool:
    """Whether each may be published; a parent is checked when its children are there."""
    for document in documents:
        if not check(json.dumps(document)).ok:
            return False
        publish(document)
    return True
