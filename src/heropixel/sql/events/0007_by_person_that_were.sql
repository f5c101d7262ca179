-- For existing parts; it runs in the background, and until it is done they are read as before.
ALTER TABLE {database}.pageviews MATERIALIZE PROJECTION by_person
