"""YAML in."""

from typing import IO, Any

from rest_framework.parsers import BaseParser

from config.yaml_reader import DOCUMENT


class YamlParser(BaseParser):
    """The raw text: reading it is the checker's work. Any `yaml` media type is taken."""

    media_type = "application/yaml"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:  # noqa: ARG002
        """The body's bytes, never more than one beyond the limit, so that the checker says what is wrong."""
        return stream.read(DOCUMENT.size + 1)


class XYamlParser(YamlParser):
    """The older name."""

    media_type = "application/x-yaml"


class TextYamlParser(YamlParser):
    """Another older name."""

    media_type = "text/yaml"


YAML_PARSERS = [YamlParser, XYamlParser, TextYamlParser]
