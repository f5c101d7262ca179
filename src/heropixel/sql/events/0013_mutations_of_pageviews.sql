-- The engine keeps the text of the last 100 mutations of a table in its folder. Earlier versions wrote the visitor ids of
-- an erased person into that text. One is the least that it keeps: 0 would keep all of them.
ALTER TABLE {database}.pageviews MODIFY SETTING finished_mutations_to_keep = 1
