"""Decisions use the database only: there is no cache that could be lost or poisoned."""

import ast

from django.conf import settings


def test_F20_nothing_asks_a_cache() -> None:
    asking = []
    for app in (
        "accounts",
        "automation",
        "common",
        "config",
        "demo",
        "notify",
        "reports",
        "templates_engine",
        "tickets",
    ):
        for path in sorted((settings.ROOT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                imported = node.module if isinstance(node, ast.ImportFrom) else None
                names = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
                if any(f"{imported or ''}.{name}".strip(".").startswith("django.core.cache") for name in names):
                    asking.append(str(path.relative_to(settings.ROOT)))
    assert asking == []
    assert settings.SESSION_ENGINE == "accounts.access.sessions"
