-- A link's visitor as the column `actor` of pageviews has it: reports look up thousands at once, by a number that is there
-- and not by hashing each visitor id anew (of 365,000 links 5 ms instead of 50).
ALTER TABLE {database}.links ADD COLUMN IF NOT EXISTS actor UInt64 MATERIALIZED
    bitOr(intDiv(sipHash64(visitor_id), 4), if(startsWith(visitor_id, 'daily:'), 3, 2) * 0x4000000000000000)
    CODEC(LZ4)
