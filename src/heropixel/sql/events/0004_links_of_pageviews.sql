-- Every pageview of a known user shows, or shows again, whose its browser is.
CREATE MATERIALIZED VIEW {database}.links_of_pageviews TO {database}.links AS
SELECT app, visitor_id, user_id, min(received) AS linked_at
FROM {database}.pageviews
WHERE user_id != 0 AND visitor_id != ''
GROUP BY app, visitor_id, user_id
