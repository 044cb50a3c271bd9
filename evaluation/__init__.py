"""Scores, oracles, baselines, score tables, and the audit report: pure tasks over arrays and tables."""
