-- A mutation that changes nothing is the one that is kept, instead of the last one of an earlier version.
ALTER TABLE {database}.pageviews UPDATE resolution = resolution WHERE 0
