"""The report: one HTML file that holds everything and can be forwarded by mail."""

from clienteling.report.page import render_report, write_report

__all__ = ["render_report", "write_report"]
