"""The audit report: one self-contained HTML file that shows what a mining run took, turned down, and why."""

from evaluation.report.findings import Finding, audit_findings
from evaluation.report.page import ReportSummary, build_report

__all__ = ["Finding", "ReportSummary", "audit_findings", "build_report"]
