"""Reads a template's text into plain data; errors become findings."""

from typing import Any

from common import yaml_reader
from common.yaml_reader import DOCUMENT
from templates_engine.findings.finding import Finding

FEATURES = {
    "documents": {"zh": "多个文档", "en": "documents after the first"},
    "anchors": {"zh": "锚点与引用", "en": "anchors and aliases"},
    "tags": {"zh": "标签", "en": "tags"},
    "merge_keys": {"zh": "合并键", "en": "merge keys"},
}


class Unreadable(Exception):
    """The text is not a document that can be read; `finding` says why and where."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.code)


def read(text: str | bytes) -> tuple[Any, list[Finding]]:
    """The document's data and its duplicate keys. Raises Unreadable."""
    try:
        data, repeated = yaml_reader.read(text, DOCUMENT)
    except yaml_reader.Unreadable as error:
        details = {"line": error.line or "?"} | error.details
        if "feature" in details:
            details["feature"] = FEATURES[details["feature"]]
        raise Unreadable(Finding(error.code, error.path, details)) from error
    return data, [Finding("duplicate_key", each.path, {"key": each.key}) for each in repeated]
