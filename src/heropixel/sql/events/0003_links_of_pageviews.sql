-- A pageview that has a visitor and a user is evidence of their link, whatever the user was found by.
--
-- A crash between the part of an insert and this may lose links, and whether an insert that is repeated and dropped by
--   its token comes here depends on the version; so the loader calls Events.link for repeated batches.
CREATE MATERIALIZED VIEW IF NOT EXISTS {database}.links_of_pageviews TO {database}.links AS
SELECT app, visitor_id, user_id, min(received) AS linked_at
FROM {database}.pageviews
WHERE user_id != 0 AND visitor_id != ''
GROUP BY app, visitor_id, user_id
