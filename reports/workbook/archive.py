"""Writes the workbook's file so that strict readers can open it too."""

from typing import IO, Any
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.constants import SHEET_DRAWING_NS

DRAWINGS = "xl/drawings/drawing"

ElementTree.register_namespace("xdr", SHEET_DRAWING_NS)


class Archive(ZipFile):
    """Gives drawings the prefix `xdr:`, as Excel does.

    openpyxl makes their namespace the default one, which means the same. But exceljs 4.4.0 looks for the prefix: it
    finds no drawing for the chart and cannot open the file.
    """

    def writestr(self, zinfo_or_arcname: str | ZipInfo, data: Any, *more: Any, **options: Any) -> None:
        """As ZipFile.writestr."""
        if isinstance(zinfo_or_arcname, str) and zinfo_or_arcname.startswith(DRAWINGS):
            data = ElementTree.tostring(ElementTree.fromstring(data))  # noqa: S314 (our own text)
        super().writestr(zinfo_or_arcname, data, *more, **options)


def save(book: Workbook, file: IO[bytes]) -> None:
    """Write this workbook into a file that is open for writing and seeking. Possible only once."""
    archive = Archive(file, "w", ZIP_DEFLATED, allowZip64=True)
    ExcelWriter(book, archive).save()
