"""The published templates, for the checks of other templates."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from templates_engine.models import TemplateVersion
from templates_engine.parts import Document


class Published(Mapping[str, Document]):
    """Key → document of its published version; read in one statement at the first access."""

    @cached_property
    def _documents(self) -> dict[str, Document]:
        on_offer = TemplateVersion.objects.filter(state=TemplateVersion.State.PUBLISHED)
        return dict(on_offer.order_by("template__key").values_list("template__key", "document"))

    def __getitem__(self, key: str) -> Document:
        return self._documents[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)
