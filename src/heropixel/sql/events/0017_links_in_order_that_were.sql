-- The links of earlier imports. The table keeps the earliest time of each link.
INSERT INTO {database}.links
SELECT app, visitor_id, user_id, min(timestamp) AS linked_at
FROM {database}.pageviews
WHERE user_id != 0 AND visitor_id != '' AND timestamp < received
GROUP BY app, visitor_id, user_id
