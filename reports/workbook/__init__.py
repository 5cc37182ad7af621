"""The monthly workbook: the Excel file with the month's numbers."""
