"""The systems compared, each a program: catalogue in, pairs of ids out (`original_id`, `counterpart_id`)."""
