"""What was done to each order and why, as plain data, an HTML page and a workbook."""
