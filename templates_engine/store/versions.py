"""The versions of a template as its administrators see them, and the list of all templates."""

from typing import Any

from templates_engine.models import Publication, Template, TemplateDraft, TemplateVersion

State = Publication.State


def versions_of(key: str, *, plans: bool) -> list[dict[str, Any]]:
    """All versions of a template, newest first, each with what became of its last publication. Two statements.

    plans: show also what is scheduled or was refused, as those who publish may see it.
    """
    shown = [State.DONE, State.WAITING, State.REFUSED] if plans else [State.DONE]
    found = Publication.objects.filter(template__key=key, state__in=shown).order_by("pk")
    last = {row.version_id: row for row in found}
    rows = TemplateVersion.objects.filter(template__key=key).order_by("-number")
    return [
        {
            "version": row["number"],
            "state": row["state"],
            "created_by": row["created_by__username"],
            "created_at": row["created_at"],
            "published_at": row["published_at"],
            **_publication(last.get(row["pk"])),
        }
        for row in rows.values("pk", "number", "state", "created_by__username", "created_at", "published_at")
    ]


def _publication(row: Publication | None) -> dict[str, Any]:
    return {
        "note": row.note if row else "",
        "publishes_at": row.due_at if row and row.state == State.WAITING else None,
        "refused": row.errors if row else [],
    }


def all_templates() -> list[dict[str, Any]]:
    """Every template and every draft, ordered by key, as the studio lists them. Four statements.

    {key, name, category, version: the published one or null, newest, published_at, draft, publishes_at}
    """
    newest: dict[int, TemplateVersion] = {}
    for version in TemplateVersion.objects.order_by("number").defer("source", "program"):
        newest[version.template_id] = version
    waiting = dict(Publication.objects.filter(state=State.WAITING).values_list("template_id", "due_at"))
    drafts = {draft.key: draft for draft in TemplateDraft.objects.select_related("changed_by").defer("source")}
    rows = {}
    for template in Template.objects.select_related("current").defer("current__source", "current__program"):
        shown = template.current or newest[template.pk]
        rows[template.key] = {
            "key": template.key,
            "name": shown.document["name"],
            "category": shown.document.get("category", ""),
            "version": template.current.number if template.current else None,
            "newest": newest[template.pk].number,
            "published_at": template.current.published_at if template.current else None,
            "publishes_at": waiting.get(template.pk),
        }
    nothing = {"version": None, "newest": None, "published_at": None, "publishes_at": None}
    for key in drafts.keys() - rows.keys():
        rows[key] = {"key": key, "name": key, "category": "", **nothing}
    return [rows[key] | {"draft": _draft(drafts.get(key))} for key in sorted(rows)]


def _draft(draft: TemplateDraft | None) -> dict[str, Any] | None:
    if draft is None:
        return None
    who = draft.changed_by.username if draft.changed_by else None
    return {"revision": draft.revision, "changed_by": who, "changed_at": draft.changed_at}
