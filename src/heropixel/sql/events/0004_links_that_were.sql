-- The links of pageviews that are older than the table of links. After the view, so that none is missed in between.
INSERT INTO {database}.links
SELECT app, visitor_id, user_id, min(received) AS linked_at
FROM {database}.pageviews
WHERE user_id != 0 AND visitor_id != ''
GROUP BY app, visitor_id, user_id
