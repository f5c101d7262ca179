-- The links: which visitor is which user, and since when. They give earlier anonymous pageviews to the user.
--
-- A later link never removes an earlier one, so a visitor has a row for each of its users. The visitor's anonymous
--   pageviews belong to the user of the earliest link: argMin(user_id, (linked_at, user_id)). They are never rewritten.
-- AggregatingMergeTree with min: inserting a link is idempotent, in any order.
-- ORDER BY (app, visitor_id, user_id): all links of a visitor stand together. The projection is the way back, from users
--   to their visitors; a Bloom filter is of no use there, since a hundred users hit two parts in three by mistake.
-- index_granularity: visitors are looked up by the hundred, each in a granule of its own.
-- fsync, statistics and cleanup: as for pageviews.
CREATE TABLE IF NOT EXISTS {database}.links
(
    app         UInt32,
    visitor_id  String CODEC(ZSTD(1)),
    user_id     UInt64 CODEC(ZSTD(1)),
    linked_at   SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(ZSTD(1)),

    PROJECTION by_user (SELECT app, user_id, visitor_id ORDER BY app, user_id)
)
ENGINE = AggregatingMergeTree
ORDER BY (app, visitor_id, user_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    auto_statistics_types = '', max_cleanup_delay_period = 30, index_granularity = 1024,
    deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild'
