-- For existing parts; it runs in the background, and until it is done they are computed as they are read.
ALTER TABLE {database}.links MATERIALIZE COLUMN actor
