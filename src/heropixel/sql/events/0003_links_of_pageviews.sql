-- A pageview that has a visitor and a user is evidence of their link, by whatever identifier the user was found.
--
-- A crash between the part of an insert and this view may lose links. Whether a repeated insert that its token drops
--   still reaches this view depends on the version. So the loader calls Events.link for repeated batches.
CREATE MATERIALIZED VIEW IF NOT EXISTS {database}.links_of_pageviews TO {database}.links AS
SELECT app, visitor_id, user_id, min(received) AS linked_at
FROM {database}.pageviews
WHERE user_id != 0 AND visitor_id != ''
GROUP BY app, visitor_id, user_id
