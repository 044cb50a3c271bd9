"""Metadata matching at catalogue scale: a generated catalogue with known truth, mixminus, and two peers."""
