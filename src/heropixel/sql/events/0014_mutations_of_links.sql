-- As for pageviews: the text has the number of an erased user.
ALTER TABLE {database}.links MODIFY SETTING finished_mutations_to_keep = 1
