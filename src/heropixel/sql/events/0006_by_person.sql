-- An index from people to their pageviews: few columns of each row once more, in the order of users and visitors.
--
-- A page of users asks for a hundred of them at once. Bloom filters by granule say "perhaps" for one granule in a hundred
--   and value, so for a hundred users nearly everything was read. Measured with 20,000,000 pageviews of 2,000,000 users
--   on 2 cores, 100 users at random with 100 visitors: 950 ms with the filters, 90 ms with this; one user: 7 ms. It takes
--   10 bytes a row. A finer index_granularity for it gained nothing worth having.
-- visitor_id comes before timestamp for the anonymous rows (user_id = 0) of linked visitors.
ALTER TABLE {database}.pageviews ADD PROJECTION IF NOT EXISTS by_person
(
    SELECT app, user_id, visitor_id, timestamp, resolution, pixel_id, session_id, journal_position
    ORDER BY app, user_id, visitor_id, timestamp
)
