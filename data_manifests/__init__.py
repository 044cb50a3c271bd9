"""What is on disk: schemas, ids, stores, audio files, splits, provenance. This file imports nothing."""
