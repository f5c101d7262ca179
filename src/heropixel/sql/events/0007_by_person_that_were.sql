-- For the parts that are there already; in the background, and until it is done they are read as before.
ALTER TABLE {database}.pageviews MATERIALIZE PROJECTION by_person
