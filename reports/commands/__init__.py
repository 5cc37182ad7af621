"""The commands of the reports: write and send workbooks."""
