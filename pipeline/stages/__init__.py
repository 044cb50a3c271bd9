"""The stages, one file each: thin adapters from tables and audio to the ideas in `mining`. None imports another."""
