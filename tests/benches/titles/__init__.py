"""A benchmark of metadata matching: made-up catalogue rows in sixteen languages, each pair with its true label.

The word lists and the ways of writing were put together from how streaming shops, record catalogues and karaoke labels
write titles, without looking at the program's own lexicon: what the program cannot read shows as an error.
"""
