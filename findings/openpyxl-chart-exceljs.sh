#!/usr/bin/env bash
# openpyxl 3.1.5 writes a sheet's drawing in a default namespace (<wsDr xmlns=…>), which XML allows and Excel reads.
# exceljs 4.4.0 looks for the prefix instead of the namespace (<xdr:wsDr>), so it cannot open any workbook with a chart
# that openpyxl wrote. The same drawing with that prefix, everything else alike, is opened.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet "openpyxl==3.1.5"
npm install --silent --no-audit --no-fund --prefix "$folder" exceljs@4.4.0 >/dev/null
venv/bin/python - <<'PY'
import re
import zipfile

import openpyxl
from openpyxl.chart import BarChart, Reference

print("openpyxl", openpyxl.__version__)
book = openpyxl.Workbook()
sheet = book.active
for row in (("month", "tickets"), ("10", 12), ("11", 15)):
    sheet.append(row)
book.save("no_chart.xlsx")
chart = BarChart()
chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
sheet.add_chart(chart, "D2")
book.save("chart.xlsx")

NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
with zipfile.ZipFile("chart.xlsx") as old, zipfile.ZipFile("prefixed.xlsx", "w") as new:
    for name in old.namelist():
        data = old.read(name)
        if name.startswith("xl/drawings/drawing"):
            text = data.decode()
            assert NAMESPACE in text, "changed: the drawing's namespace is written otherwise"
            text = text.replace(NAMESPACE, NAMESPACE.replace("xmlns", "xmlns:xdr"))
            data = re.sub(r"<(/?)(?=[A-Za-z]+[ />])(?!/)", r"<\1xdr:", text).encode()
        new.writestr(name, data)
PY
cat > read.js <<'JS'
const ExcelJS = require("exceljs");
console.log("exceljs", require("exceljs/package.json").version);
const wanted = { "no_chart.xlsx": true, "chart.xlsx": false, "prefixed.xlsx": true };
(async () => {
  for (const [name, opens] of Object.entries(wanted)) {
    let said = "opened";
    try {
      await new ExcelJS.Workbook().xlsx.readFile(name);
    } catch (error) {
      said = String(error);
    }
    console.log(`${name}: ${said}`);
    if ((said === "opened") !== opens) {
      console.log("changed");
      process.exit(1);
    }
  }
})();
JS
node read.js
