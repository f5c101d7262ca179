-- The visitor of a link as in the column `actor` of pageviews: reports look up thousands at once, by a stored number
-- instead of hashing each visitor id again (of 365,000 links 5 ms instead of 50).
ALTER TABLE {database}.links ADD COLUMN IF NOT EXISTS actor UInt64 MATERIALIZED
    bitOr(intDiv(sipHash64(visitor_id), 4), if(startsWith(visitor_id, 'daily:'), 3, 2) * 0x4000000000000000)
    CODEC(LZ4)
