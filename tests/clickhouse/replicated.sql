-- 0001_pageviews.sql
CREATE TABLE IF NOT EXISTS heropixel.pageviews ON CLUSTER `main`
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
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/heropixel/pageviews', '{replica}')
PARTITION BY toYYYYMM(timestamp)
ORDER BY (pixel_id, timestamp)
SETTINGS replicated_deduplication_window = 30000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    non_replicated_deduplication_window = 1000, auto_statistics_types = '',
    max_cleanup_delay_period = 30;

-- 0002_links.sql
CREATE TABLE IF NOT EXISTS heropixel.links ON CLUSTER `main`
(
    app         UInt32,
    visitor_id  String CODEC(ZSTD(1)),
    user_id     UInt64 CODEC(ZSTD(1)),
    linked_at   SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(ZSTD(1)),

    PROJECTION by_user (SELECT app, user_id, visitor_id ORDER BY app, user_id)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/heropixel/links', '{replica}')
ORDER BY (app, visitor_id, user_id)
SETTINGS replicated_deduplication_window = 30000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    auto_statistics_types = '', max_cleanup_delay_period = 30, index_granularity = 1024,
    deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';

-- 0003_links_of_pageviews.sql
CREATE MATERIALIZED VIEW IF NOT EXISTS heropixel.links_of_pageviews ON CLUSTER `main` TO heropixel.links AS
SELECT app, visitor_id, user_id, min(received) AS linked_at
FROM heropixel.pageviews
WHERE user_id != 0 AND visitor_id != ''
GROUP BY app, visitor_id, user_id;

-- 0004_links_that_were.sql
INSERT INTO heropixel.links
SELECT app, visitor_id, user_id, min(received) AS linked_at
FROM heropixel.pageviews
WHERE user_id != 0 AND visitor_id != ''
GROUP BY app, visitor_id, user_id;

-- 0005_projections_follow.sql
ALTER TABLE heropixel.pageviews ON CLUSTER `main` MODIFY SETTING lightweight_mutation_projection_mode = 'rebuild';

-- 0006_by_person.sql
ALTER TABLE heropixel.pageviews ON CLUSTER `main` ADD PROJECTION IF NOT EXISTS by_person
(
    SELECT app, user_id, visitor_id, timestamp, resolution, pixel_id, session_id, journal_position
    ORDER BY app, user_id, visitor_id, timestamp
);

-- 0007_by_person_that_were.sql
ALTER TABLE heropixel.pageviews ON CLUSTER `main` MATERIALIZE PROJECTION by_person;

-- 0008_what_the_pageview_says.sql
ALTER TABLE heropixel.pageviews ON CLUSTER `main`
    ADD COLUMN IF NOT EXISTS client_hints String DEFAULT '' CODEC(ZSTD(3)) AFTER user_agent,
    ADD COLUMN IF NOT EXISTS hostname LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS path LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS query String DEFAULT '' CODEC(ZSTD(3)),
    ADD COLUMN IF NOT EXISTS referrer_host LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS source LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS channel LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS browser LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS browser_version LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS os LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS os_version LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS device LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS bot LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS bot_reasons Array(LowCardinality(String)),
    ADD COLUMN IF NOT EXISTS rules LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS actor UInt64 MATERIALIZED multiIf(
        user_id != 0, user_id,
        visitor_id = '', 0,
        bitOr(intDiv(sipHash64(visitor_id), 4), if(startsWith(visitor_id, 'daily:'), 3, 2) * 0x4000000000000000)
    ) CODEC(ZSTD(1));

-- 0009_quick_to_read.sql
ALTER TABLE heropixel.pageviews ON CLUSTER `main`
    MODIFY COLUMN timestamp DateTime64(3, 'UTC') CODEC(T64, LZ4),
    MODIFY COLUMN actor CODEC(LZ4);

-- 0010_actors_of_links.sql
ALTER TABLE heropixel.links ON CLUSTER `main` ADD COLUMN IF NOT EXISTS actor UInt64 MATERIALIZED
    bitOr(intDiv(sipHash64(visitor_id), 4), if(startsWith(visitor_id, 'daily:'), 3, 2) * 0x4000000000000000)
    CODEC(LZ4);

-- 0011_actors_of_links_that_were.sql
ALTER TABLE heropixel.links ON CLUSTER `main` MATERIALIZE COLUMN actor;

-- 0012_erased_that_were.sql
ALTER TABLE heropixel.pageviews ON CLUSTER `main`
    UPDATE hostname = domain, referrer_host = '', source = '', utm_source = '', utm_medium = '', utm_campaign = ''
    WHERE resolution = 'ERASED';

-- 0013_mutations_of_pageviews.sql
ALTER TABLE heropixel.pageviews ON CLUSTER `main` MODIFY SETTING finished_mutations_to_keep = 1;

-- 0014_mutations_of_links.sql
ALTER TABLE heropixel.links ON CLUSTER `main` MODIFY SETTING finished_mutations_to_keep = 1;

-- 0015_last_mutation.sql
ALTER TABLE heropixel.pageviews ON CLUSTER `main` UPDATE resolution = resolution WHERE 0;

-- 0016_links_in_order.sql
ALTER TABLE heropixel.links_of_pageviews ON CLUSTER `main` MODIFY QUERY
SELECT app, visitor_id, user_id, min(least(timestamp, received)) AS linked_at
FROM heropixel.pageviews
WHERE user_id != 0 AND visitor_id != ''
GROUP BY app, visitor_id, user_id;

-- 0017_links_in_order_that_were.sql
INSERT INTO heropixel.links
SELECT app, visitor_id, user_id, min(timestamp) AS linked_at
FROM heropixel.pageviews
WHERE user_id != 0 AND visitor_id != '' AND timestamp < received
GROUP BY app, visitor_id, user_id;

-- 0020_place_basis.sql
ALTER TABLE heropixel.pageviews ON CLUSTER `main` ADD COLUMN IF NOT EXISTS place_basis LowCardinality(String) DEFAULT '';

-- 0022_why.sql
ALTER TABLE heropixel.pageviews ON CLUSTER `main`
    ADD COLUMN IF NOT EXISTS normalisation LowCardinality(String) DEFAULT '',
    ADD COLUMN IF NOT EXISTS imported UInt8 DEFAULT 0,
    ADD COLUMN IF NOT EXISTS unlinked_from UInt64 DEFAULT 0 CODEC(ZSTD(1));

-- 0023_evidence_of_links.sql
ALTER TABLE heropixel.links ON CLUSTER `main`
    ADD COLUMN IF NOT EXISTS evidence SimpleAggregateFunction(max, UInt64) DEFAULT 0 CODEC(ZSTD(1));

-- 0024_evidence_of_pageviews.sql
ALTER TABLE heropixel.links_of_pageviews ON CLUSTER `main` MODIFY QUERY
SELECT app, visitor_id, user_id, min(least(timestamp, received)) AS linked_at,
    max(if(matched_on = 'VISITOR_ID', 0,
        (281474976710656 - toUnixTimestamp64Milli(least(timestamp, received))) * 256
        + if(imported = 1, 3, if(startsWith(event_id, 'beacon:'), 2, 1)) * 16
        + if(resolution = 'CREATED', 2, indexOf(['EXTERNAL_ID', 'EMAIL', 'SHA256', 'SHA1', 'MD5', 'PHONE'], matched_on))
    )) AS evidence
FROM heropixel.pageviews
WHERE user_id != 0 AND visitor_id != '' AND unlinked_from = 0
GROUP BY app, visitor_id, user_id;

-- 0025_evidence_that_was.sql
INSERT INTO heropixel.links (app, visitor_id, user_id, linked_at, evidence)
SELECT app, visitor_id, user_id, min(least(timestamp, received)) AS linked_at,
    max(if(matched_on = 'VISITOR_ID', 0,
        (281474976710656 - toUnixTimestamp64Milli(least(timestamp, received))) * 256
        + if(imported = 1, 3, if(startsWith(event_id, 'beacon:'), 2, 1)) * 16
        + if(resolution = 'CREATED', 2, indexOf(['EXTERNAL_ID', 'EMAIL', 'SHA256', 'SHA1', 'MD5', 'PHONE'], matched_on))
    )) AS evidence
FROM heropixel.pageviews
WHERE user_id != 0 AND visitor_id != '' AND resolution != 'ERASED'
GROUP BY app, visitor_id, user_id;
