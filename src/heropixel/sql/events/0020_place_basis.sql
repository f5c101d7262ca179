-- By what the place of a pageview is known: GIVEN, ADDRESS, HEADER or TIMEZONE. Of earlier pageviews it is not known.
ALTER TABLE {database}.pageviews ADD COLUMN IF NOT EXISTS place_basis LowCardinality(String) DEFAULT ''
