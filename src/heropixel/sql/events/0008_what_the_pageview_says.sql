-- The columns that the loader derives from a pageview, see heropixel/enrichment.
--
-- They are stored beside their sources, so that reports read few and short columns. `rules` is the version of the rules
--   that made them: `heropixel reprocess` looks for rows with another one.
-- client_hints: with the user agent they show whether it is a browser, hence they are stored like it.
-- bot: an empty value is a person; bot_reasons also has reasons that were too weak to make it a bot.
-- actor: user or visitor as one number, since reports count and group by it: the user; or else a hash of the visitor
--   id with the highest bit set, and the next one too for an id that is itself a daily hash; or else 0. The engine
--   computes it again where erasing changes its sources.
ALTER TABLE {database}.pageviews
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
    ) CODEC(ZSTD(1))
