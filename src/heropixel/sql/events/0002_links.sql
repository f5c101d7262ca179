-- Which browser has been whose, and since when: a row for each visitor and user who were ever seen together.
--
-- From the moment of linking the visitor's earlier anonymous pageviews count as the user's, without being rewritten: whose
-- they are is looked up here, by the earliest link. A visitor that is linked to somebody else later keeps its history
-- with the first. min(): a link that is told twice, or later once more, is the link it was.
CREATE TABLE {database}.links
(
    app         UInt32,
    visitor_id  String CODEC(ZSTD(1)),
    user_id     UInt64,
    linked_at   SimpleAggregateFunction(min, DateTime64(3, 'UTC')),

    INDEX by_user user_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = AggregatingMergeTree
ORDER BY (app, visitor_id, user_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
