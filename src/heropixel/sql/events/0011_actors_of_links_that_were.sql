-- For the parts that are there already; in the background, and until it is done they are computed as they are read.
ALTER TABLE {database}.links MATERIALIZE COLUMN actor
