// Prints every sheet of a workbook as JSON: {name: [[value, ...], ...]}, dates in ISO 8601.
const { Workbook } = require("exceljs");

async function main(path) {
  const book = new Workbook();
  await book.xlsx.readFile(path);
  const sheets = {};
  book.eachSheet((sheet) => {
    sheets[sheet.name] = [];
    sheet.eachRow((row) => sheets[sheet.name].push(row.values.slice(1)));
  });
  process.stdout.write(JSON.stringify(sheets));
}

main(process.argv[2]);
