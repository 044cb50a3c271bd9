"""The command line, the stages in their order, and the runners that carry them out."""
