-- All pageviews, a row each, for ever or until a retention says otherwise.
--
-- The queries to expect: counts, distinct visitors and sessions of one pixel over a range of time, by page, campaign,
-- place and device (reports); single rows by cursor, newest first; everything of one user (lists, erasing).
--
-- ORDER BY (pixel_id, timestamp): every report names pixels and a range, so it reads that range of that pixel and
--   nothing else, however many pixels and years there are. Neighbours in time share sessions, pages and agents, so that
--   compression works well. No personal column is part of the key: key columns cannot be rewritten, and erasing has to
--   rewrite.
-- PARTITION BY month: late pageviews (30 days) touch two; retention drops whole months; a table of years stays at a
--   number of parts that merges handle.
-- The person: user_id is the directory's number, visitor_id the id that the site keeps in the browser. No address, no
--   digest, no telephone number and no IP address is ever here. Erasing a person rewrites these two columns, session_id
--   and the free texts of their rows (ALTER TABLE ... UPDATE, mutations_sync) and leaves the row, so that totals stay.
--   The Bloom filters find the parts of a person without reading the others.
-- journal_position names a row for ever: it breaks ties in cursors, and shows a loader that was interrupted which rows
--   are there already. Positions of one insert lie close together, so the minmax index finds them at once.
-- Types: texts of few values are LowCardinality (a dictionary a part), free texts are ZSTD; times and positions grow
--   slowly in this order, hence Delta. Missing texts are '', missing numbers 0: Nullable costs a column of its own.
-- fsync: an insert that was acknowledged survives a power cut, since the journal then deletes its entries. After a
--   merge too: the embedded engine removes the merged parts at its next cleanup (its old_parts_lifetime is 0), and the
--   one part that still has their rows must be on the disk by then.
-- auto_statistics_types: statistics help to order joins of many tables. We have no such joins, and statistics cost
--   500 KB a part and a quarter of a merge's processor time.
-- max_cleanup_delay_period, in seconds: by default 300, and hundreds of merged parts stay in memory and on the disk.
-- non_replicated_deduplication_window: an insert repeated with the same token is dropped (a cluster has its own).
CREATE TABLE {database}.pageviews
(
    app               UInt32,
    pixel_id          Int32,
    timestamp         DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    received          DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    journal_position  UInt64 CODEC(Delta, ZSTD(1)),
    event_id          String CODEC(ZSTD(1)),

    user_id           UInt64 DEFAULT 0 CODEC(ZSTD(1)),
    visitor_id        String DEFAULT '' CODEC(ZSTD(1)),
    session_id        String DEFAULT '' CODEC(ZSTD(1)),
    resolution        LowCardinality(String),           -- FOUND, CREATED, or why not
    matched_on        LowCardinality(String) DEFAULT '',

    domain            LowCardinality(String),
    url               String DEFAULT '' CODEC(ZSTD(3)),
    canonical         String DEFAULT '' CODEC(ZSTD(3)),
    title             String DEFAULT '' CODEC(ZSTD(3)),
    description       String DEFAULT '' CODEC(ZSTD(3)),
    referrer          String DEFAULT '' CODEC(ZSTD(3)),
    user_agent        String DEFAULT '' CODEC(ZSTD(3)), -- kept, since reprocessing detects bots again
    language          LowCardinality(String) DEFAULT '',
    timezone          LowCardinality(String) DEFAULT '',
    screen            LowCardinality(String) DEFAULT '',
    viewport          LowCardinality(String) DEFAULT '',
    country           LowCardinality(String) DEFAULT '',
    region            LowCardinality(String) DEFAULT '',
    city              LowCardinality(String) DEFAULT '',
    utm_source        LowCardinality(String) DEFAULT '',
    utm_medium        LowCardinality(String) DEFAULT '',
    utm_campaign      LowCardinality(String) DEFAULT '',
    utm_term          String DEFAULT '' CODEC(ZSTD(1)),
    utm_content       String DEFAULT '' CODEC(ZSTD(1)),
    consent           Enum8('unknown' = 0, 'given' = 1, 'refused' = 2) DEFAULT 'unknown',
    properties        String DEFAULT '' CODEC(ZSTD(3)), -- a JSON object

    INDEX by_position journal_position TYPE minmax GRANULARITY 1,
    INDEX by_user user_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_visitor visitor_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(timestamp)
ORDER BY (pixel_id, timestamp)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    non_replicated_deduplication_window = 1000, auto_statistics_types = '',
    max_cleanup_delay_period = 30
