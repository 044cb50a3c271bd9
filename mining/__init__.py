"""The ideas of mining on plain values: titles, candidates, sound evidence, targets, decisions. Opens no files."""
