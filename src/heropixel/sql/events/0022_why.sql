-- What a pageview must keep so that the answer to "why is it hers?" can be read later; see heropixel/events/evidence.py.
--
-- normalisation: the form of the email that matched; empty for other identifiers, and for pageviews before this.
-- imported: whether it came from a file. Pageviews before this have 0.
-- unlinked_from: the user that the pageview's browser was taken from, or is kept from. Such a pageview shows no link.
--   With user_id 0, the browser alone had found the user, and undoing it gives the pageview back to this one.
ALTER TABLE {database}.pageviews
    ADD COLUMN IF NOT EXISTS normalisation LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS imported UInt8 DEFAULT 0,
    ADD COLUMN IF NOT EXISTS unlinked_from UInt64 DEFAULT 0 CODEC(ZSTD(1))
