"""The API and its schema."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.access.authentication.BearerAuthentication",
        "accounts.access.authentication.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["common.rendering.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.parsing.BoundedJSONParser"],
    "EXCEPTION_HANDLER": "common.problems.handle",
    "DEFAULT_SCHEMA_CLASS": "common.openapi.Schema",
    "URL_FORMAT_OVERRIDE": None,  # `?format=` is a parameter like others, where a call declares it
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Baton 接力",
    "DESCRIPTION": "Tickets and approvals for operations teams in WeCom.",
    "VERSION": "1",
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_NAME_OVERRIDES": {
        "ActionVersionStateEnum": "automation.models.action.ActionVersion.State",
        "ActionSyncStateEnum": "automation.models.action_sync.ActionSync.State",
        "PriorityEnum": "tickets.models.ticket.Priority",
        "TicketStateEnum": "tickets.states.ticket.TicketState",
        "TaskStateEnum": "tickets.states.approval_task.TaskState",
        "VisitStateEnum": "tickets.models.node_visit.NodeVisit.State",
        "JobStateEnum": "automation.states.job.JobState",
        "AuditModeEnum": "automation.models.audit.AuditMode",
        "ModeEnum": [("required", "required"), ("offered", "offered")],
        "CredentialKindEnum": "automation.models.credential.Kind",
        "InventoryRunStateEnum": "automation.models.source.InventoryRun.State",
        "InventorySourceKindEnum": "automation.models.source.InventorySource.Kind",
        "DeliveryStateEnum": "notify.states.delivery.DeliveryState",
        "ChannelEnum": "tickets.states.approval_task.Channel",
    },
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
