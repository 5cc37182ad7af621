"""The published templates, for the checks of other templates."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from templates_engine.models import TemplateVersion


class Published(Mapping[str, dict[str, Any]]):
    """Key → document of its published version; read in one statement at the first access."""

    @cached_property
    def _documents(self) -> dict[str, dict[str, Any]]:
        on_offer = TemplateVersion.objects.filter(state=TemplateVersion.State.PUBLISHED)
        return dict(on_offer.order_by("template__key").values_list("template__key", "document"))

    def __getitem__(self, key: str) -> dict[str, Any]:
        return self._documents[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)
