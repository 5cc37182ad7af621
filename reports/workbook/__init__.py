"""The monthly workbook: how the numbers look in Excel."""
