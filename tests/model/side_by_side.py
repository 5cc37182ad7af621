"""One walk: the same acts on the model and on the system, compared after each."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction

from common.errors import DomainError
from tests.factories import NOW
from tests.model.cast import company
from tests.model.compare import of_engine, of_model, require_invariants, require_whole
from tests.model.engine import Engine, hand_in, publish
from tests.model.model import Model
from tests.model.parts import FINAL, Refused
from tests.model.programs import Act, Step, perform, read, whose

AFTER_THE_END = 2  # number of steps still tried on a final ticket
Document = dict[str, Any]


class Walk:
    """A ticket and its family on both sides, and the record of all acts."""

    def __init__(
        self, documents: list[Document], form: dict[str, Any], chosen: dict[str, list[str]] | None = None
    ) -> None:
        for document in documents:
            publish(document)
        key = documents[-1]["key"]
        self.story = [f"{one['key']} {one.get('dedup')}: {json.dumps(one['chain'])}" for one in documents]
        self.story.append(f"{json.dumps(documents[-1]['form'])} {form} {chosen}")
        templates = {one["key"]: one for one in documents}
        self.model = Model(company(), templates, key=key, form=dict(form), applicant="alice", chosen=chosen)
        self.engine = hand_in(key, form, chosen or {})
        self._settle()

    def pairs(self, model: Model, engine: Engine) -> Iterator[tuple[Model, Engine]]:
        """Matching pairs of tickets, parents first."""
        yield model, engine
        ours, theirs = model.children(), engine.children()
        assert len(ours) == len(theirs), self._told(f"the model has {len(ours)} children, the system {len(theirs)}")
        for one, other in zip(ours, theirs, strict=True):
            yield from self.pairs(one, other)

    def follow(self, program: list[Step]) -> None:
        """Perform every step on both sides."""
        after = 0
        for step in program:
            model, engine = next(pair for pair in self._family() if pair[0] is whose(step, self.model))
            act = read(step, model)
            if act is not None:
                self.story.append(f"{engine.ticket.number} {act}")
                self._try(act, model, engine)
            after += self.model.state in FINAL
            if after > AFTER_THE_END:
                break
        for _model, engine in self._family():
            require_whole(engine.ticket)

    def _family(self) -> list[tuple[Model, Engine]]:
        return list(self.pairs(self.model, self.engine))

    def _try(self, act: Act, model: Model, engine: Engine) -> None:
        if act.verb == "tick":
            self.engine.at += timedelta(minutes=act.more["minutes"])
            engine.at = self.engine.at
        before = engine.rows()
        said = self._engine_says(act, engine)
        try:
            perform(act, self.model if act.verb == "tick" else model)
            expected: set[str] = set()
        except Refused as refused:
            expected = refused.codes
        self.story.append(f"    → {said or 'ok'}; {of_model(model)}")
        right = said in expected if expected else not said
        assert right, self._told(f"the model says {expected or 'ok'}, the system {said or 'ok'}")
        assert not said or engine.rows() == before, self._told("a refusal left a trace")
        self._settle()

    def _engine_says(self, act: Act, engine: Engine) -> str:
        try:
            with transaction.atomic():
                engine.perform(act)
        except DomainError as refused:
            return refused.code
        except Exception as error:
            raise AssertionError(self._told(f"the system fell over: {error!r}")) from error
        return ""

    def _settle(self) -> None:
        """Wake parents of ended children; then both sides must agree about all tickets."""
        while self.model.hear():
            pass
        while self.engine.wake_family():
            pass
        for model, engine in self._family():
            expected, found = of_model(model), of_engine(engine.ticket)
            for part, value in expected.items():
                assert found[part] == value, self._told(f"{part}: the model has {value}, the system {found[part]}")
            try:
                require_invariants(engine.ticket, model)
            except AssertionError as error:
                raise AssertionError(self._told(str(error))) from error

    def _told(self, end: str) -> str:
        return "\n".join([*self.story, end, f"({NOW} + {self.engine.at - NOW})"])


def walk(
    documents: list[Document], form: dict[str, Any], program: list[Step], chosen: dict[str, list[str]] | None = None
) -> Model:
    """Walk both sides through a program. Any difference fails with the whole record."""
    both = Walk(documents, form, chosen)
    both.follow(program)
    return both.model
