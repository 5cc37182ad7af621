"""Input and output shapes of the inventory's API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from automation.inventory.parse import FORMATS
from automation.models import Host
from automation.models.host import Connection
from common.inputs import Flag, StrictSerializer

TEXT_MAX = 4_000_000


class HostOutput(serializers.Serializer[Any]):
    """address, port, user, minion, variables and check_message are null for people without the right to operate."""

    name = serializers.CharField()
    connection = serializers.ChoiceField(Connection.choices)
    groups = serializers.ListField(child=serializers.CharField())
    labels = serializers.DictField()
    site = serializers.CharField(help_text='Where its executor stands; "" for the main site')
    is_active = serializers.BooleanField()
    may_target = serializers.BooleanField(help_text="Whether a ticket of mine may target it: active, no group forbids")
    limited_by = serializers.ListField(
        child=serializers.CharField(), help_text="Those of its groups that limit who may target it"
    )
    facts = serializers.DictField(help_text="What it last said of itself: os, kernel, arch, cpus, memory, python")
    facts_at = serializers.DateTimeField(allow_null=True)
    check_result = serializers.ChoiceField(Host.Check.choices, allow_blank=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    check_requested_at = serializers.DateTimeField(allow_null=True, help_text="A check that has not ended yet")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    address = serializers.CharField(allow_null=True)
    port = serializers.IntegerField(allow_null=True)
    user = serializers.CharField(allow_null=True)
    minion = serializers.CharField(allow_null=True, help_text='Its minion id in Salt; "" for none')
    variables = serializers.DictField(allow_null=True)
    check_message = serializers.CharField(allow_null=True, help_text="Why it did not answer")


class HostTotals(serializers.Serializer[Any]):
    """Counts of the hosts that match the filters."""

    total = serializers.IntegerField()
    disabled = serializers.IntegerField()
    unreachable = serializers.IntegerField()
    never_checked = serializers.IntegerField()
    by_salt = serializers.IntegerField()
    local = serializers.IntegerField()


class HostsPage(serializers.Serializer[Any]):
    results = HostOutput(many=True)
    next = serializers.CharField(allow_null=True)
    totals = HostTotals(required=False, help_text="On the first page, where `total=true` asks for it")


class HostColumns(StrictSerializer):
    """The columns of a host, except its name."""

    address = serializers.CharField(max_length=255, required=False, allow_blank=True)
    connection = serializers.ChoiceField(Connection.choices, required=False)
    port = serializers.IntegerField(required=False, min_value=1, max_value=65535)
    user = serializers.CharField(max_length=32, required=False)
    minion = serializers.CharField(max_length=128, required=False, allow_blank=True)
    site = serializers.CharField(max_length=32, required=False, allow_blank=True)
    groups = serializers.ListField(child=serializers.CharField(max_length=64), required=False)
    labels = serializers.DictField(required=False)


class HostInput(HostColumns):
    name = serializers.CharField(max_length=128)
    variables = serializers.DictField(required=False)


class HostChangeInput(HostColumns):
    vars = serializers.DictField(required=False)
    disabled = Flag(required=False)


class HostTicketOutput(serializers.Serializer[Any]):
    number = serializers.CharField()
    title = serializers.CharField(allow_null=True, help_text="Null for who may not see that ticket")
    state = serializers.CharField()


class HostJobOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    state = serializers.CharField()
    ticket = serializers.CharField()


class HostImpactOutput(serializers.Serializer[Any]):
    """Open tickets whose plans contain the host, and unfinished jobs. They all continue if the host is removed."""

    tickets = HostTicketOutput(many=True)
    has_more = serializers.BooleanField()
    jobs = HostJobOutput(many=True)


class HostCheckInput(StrictSerializer):
    names = serializers.ListField(child=serializers.CharField(max_length=128), min_length=1, max_length=1000)


class HostCheckOutput(serializers.Serializer[Any]):
    asked = serializers.IntegerField(help_text="How many hosts are going to be checked")


class HostImportInput(StrictSerializer):
    text = serializers.CharField(max_length=TEXT_MAX, trim_whitespace=False)
    format = serializers.ChoiceField([kind for kind in FORMATS if kind != "xlsx"], required=False)
    dry_run = Flag(required=False, default=False)


class HostImportWarning(serializers.Serializer[Any]):
    path = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class HostFieldChange(serializers.Serializer[Any]):
    field = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class HostImportChange(serializers.Serializer[Any]):
    name = serializers.CharField()
    change = serializers.ChoiceField(["created", "updated"])
    changes = HostFieldChange(many=True)


class HostImportOutput(serializers.Serializer[Any]):
    """What was changed, or, in a dry run, would change. warnings: accepted input that looks like a mistake, such as
    two hosts with one address. missing: hosts that are not in the file; they stay unchanged."""

    dry_run = serializers.BooleanField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    missing = serializers.IntegerField()
    changes = HostImportChange(many=True)
    missing_names = serializers.ListField(child=serializers.CharField())
    has_more = serializers.BooleanField(help_text="Whether changes or missing names are cut off here")
    warnings = HostImportWarning(many=True)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "enum": ["everyone"]},
            *(
                {"type": "object", "properties": {kind: {"type": "string"}}, "required": [kind]}
                for kind in ("department", "role", "user")
            ),
        ]
    }
)
class AudienceEntry(serializers.JSONField):
    """everyone, or one of {department}, {role}, {user}."""


class GroupOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    usable_by = serializers.ListField(child=AudienceEntry(), help_text="Whose tickets may target its hosts")
    is_open = serializers.BooleanField(help_text="Whether everyone's may")
    may_target = serializers.BooleanField(help_text="Whether mine may")
    hosts = serializers.IntegerField()
    disabled = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class GroupInput(StrictSerializer):
    name = serializers.CharField(max_length=64)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    usable_by = serializers.ListField(child=AudienceEntry(), required=False)


class GroupChangeInput(StrictSerializer):
    name = serializers.CharField(max_length=64, required=False)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    usable_by = serializers.ListField(child=AudienceEntry(), required=False)


class MembersInput(StrictSerializer):
    add = serializers.ListField(child=serializers.CharField(max_length=128), required=False, max_length=1000)
    remove = serializers.ListField(child=serializers.CharField(max_length=128), required=False, max_length=1000)


class SiteCount(serializers.Serializer[Any]):
    site = serializers.CharField(allow_blank=True)
    hosts = serializers.IntegerField()


class LabelValue(serializers.Serializer[Any]):
    value = serializers.CharField(allow_null=True)
    hosts = serializers.IntegerField()


class LabelValues(serializers.Serializer[Any]):
    key = serializers.CharField()
    values = LabelValue(many=True)


class InventoryOutput(serializers.Serializer[Any]):
    """Counts of the inventory, and the sites and labels for its filters."""

    totals = HostTotals()
    sites = SiteCount(many=True)
    labels = LabelValues(many=True)
