"""Request parsers for YAML."""

from typing import IO, Any

from rest_framework.parsers import BaseParser

from common.yaml_reader import DOCUMENT


class YamlParser(BaseParser):
    """Returns the raw bytes; the check reads the YAML. Any YAML media type is accepted."""

    media_type = "application/yaml"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:  # noqa: ARG002
        """The body's bytes, at most one more than the limit, so that the check can report that it is too large."""
        return stream.read(DOCUMENT.size + 1)


class XYamlParser(YamlParser):
    """The older media type."""

    media_type = "application/x-yaml"


class TextYamlParser(YamlParser):
    """Another older media type."""

    media_type = "text/yaml"


YAML_PARSERS = [YamlParser, XYamlParser, TextYamlParser]
