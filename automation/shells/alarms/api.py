"""Rules and alarms, over HTTP."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller, origin
from accounts.api.idempotency import idempotent
from automation.audit.queries import require_auditor
from automation.models.shell_alarm import PATTERN_MAX
from automation.shells.alarms import queries, rules
from automation.shells.alarms.filling import FACTS
from common.asking import known, number
from common.inputs import Flag, StrictSerializer, checked
from common.paging import page, short_list
from common.schema import PAGING, PART, TextField, listing

MOST_ID = 2**63 - 1
LIST = [
    *PAGING,
    OpenApiParameter("host", str, description="The name of a host."),
    OpenApiParameter(
        "word", {"type": "integer", "minimum": 1, "maximum": MOST_ID, "format": "int64"}, description="A rule's id."
    ),
]


class FillInput(StrictSerializer):
    """Either from or value."""

    value = serializers.JSONField(required=False, allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """Add `from`, which cannot be a name in Python."""
        return super().get_fields() | {"from": serializers.ChoiceField(list(FACTS), required=False)}


class ShellWordChangeInput(StrictSerializer):
    """pattern: plain text. group: null for all hosts. template: "" for no ticket. form: field → {from} or {value}.

    tell: entries {user: username} or {role: key}.
    """

    pattern = serializers.CharField(max_length=PATTERN_MAX, required=False)
    group = serializers.CharField(max_length=64, required=False, allow_null=True)
    template = serializers.CharField(max_length=64, required=False, allow_blank=True)
    applicant = serializers.CharField(max_length=64, required=False, allow_null=True)
    form = serializers.DictField(child=FillInput(), required=False)
    tell = serializers.ListField(child=serializers.DictField(child=serializers.CharField()), required=False)
    is_active = Flag(required=False)


class ShellWordInput(ShellWordChangeInput):
    pattern = serializers.CharField(max_length=PATTERN_MAX)


class ShellWordOutput(serializers.Serializer[Any]):
    """One rule. problem: the code of what would fail today, "" for nothing; detail: the same in words."""

    id = serializers.IntegerField()
    pattern = serializers.CharField()
    group = serializers.CharField(allow_null=True)
    template = serializers.CharField(allow_blank=True)
    applicant = serializers.CharField(allow_null=True)
    form = serializers.DictField()
    tell = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    is_active = serializers.BooleanField()
    alarms = serializers.IntegerField()
    problem = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True)
    updated_at = serializers.DateTimeField()


class ShellAlarmOutput(serializers.Serializer[Any]):
    """The lines of one log-in that match one rule. command, at: of the first line. word: null once its rule is removed.

    problem: a code, "" for none; `capped`: too many in an hour, so it is only listed.
    """

    id = serializers.IntegerField()
    word = serializers.IntegerField(allow_null=True)
    pattern = serializers.CharField()
    host = serializers.CharField()
    user = serializers.CharField()
    session = serializers.CharField()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # the field of this name
    at = serializers.DateTimeField()
    command = serializers.CharField()
    raised_at = serializers.DateTimeField()
    hits = serializers.IntegerField()
    last_at = serializers.DateTimeField()
    ticket = serializers.CharField(allow_null=True)
    problem = serializers.CharField(allow_blank=True)
    detail = TextField()
    settled = serializers.BooleanField(help_text="false: its ticket and its news are still to come")


class ShellWordsView(APIView):
    """GET and POST shell/words."""

    @extend_schema(parameters=PART, responses=listing(ShellWordOutput))
    def get(self, request: Request) -> Response:
        """The rules that raise alarms."""
        require_auditor(caller(request))
        return Response(short_list(known(request, PART), queries.words()))

    @extend_schema(request=ShellWordInput, responses={201: ShellWordOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a rule for lines typed from now on (administrators)."""
        rules.require_administrator(caller(request))
        given = checked(ShellWordInput, request.data)
        word = rules.add_word(actor=caller(request), given=given, at=timezone.now(), origin=origin(request))
        return Response(queries.one(word.pk), status=201)


class ShellWordView(APIView):
    """GET, PATCH and DELETE shell/words/{id}."""

    @extend_schema(responses=ShellWordOutput)
    def get(self, request: Request, word_id: int) -> Response:
        """One rule."""
        require_auditor(caller(request))
        return Response(queries.one(word_id))

    @extend_schema(request=ShellWordChangeInput, responses=ShellWordOutput)
    @idempotent
    def patch(self, request: Request, word_id: int) -> Response:
        """Change a rule (administrators)."""
        rules.require_administrator(caller(request))
        given = checked(ShellWordChangeInput, request.data)
        rules.change_word(
            actor=caller(request), word_id=word_id, changes=given, at=timezone.now(), origin=origin(request)
        )
        return Response(queries.one(word_id))

    @extend_schema(responses={204: None})
    @idempotent
    def delete(self, request: Request, word_id: int) -> Response:
        """Remove a rule; its alarms stay (administrators)."""
        rules.remove_word(actor=caller(request), word_id=word_id, at=timezone.now(), origin=origin(request))
        return Response(status=204)


class ShellAlarmsView(APIView):
    """GET shell/alarms."""

    @extend_schema(parameters=LIST, responses=listing(ShellAlarmOutput))
    def get(self, request: Request) -> Response:
        """Alarms, newest first, each with its ticket, or the reason why it has none."""
        require_auditor(caller(request))
        query = known(request, LIST)
        asked = page(query)
        rows = queries.alarms(host=query.get("host"), word=number(query, "word", 1, MOST_ID, 0) or None)
        if asked.after is not None:
            rows = rows.filter(pk__lt=asked.after)
        answer = asked.answer(list(rows[: asked.limit + 1]), key=lambda row: row.pk)
        return Response(answer | {"results": [queries.shown(row) for row in answer["results"]]})
