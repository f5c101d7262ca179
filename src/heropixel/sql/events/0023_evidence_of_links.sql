-- What linked a visitor first: the time and what showed it as one number, see heropixel/directory/link_evidence.py.
--   A larger number is earlier evidence, so that the earliest stays. 0: not kept.
ALTER TABLE {database}.links
    ADD COLUMN IF NOT EXISTS evidence SimpleAggregateFunction(max, UInt64) DEFAULT 0 CODEC(ZSTD(1))
