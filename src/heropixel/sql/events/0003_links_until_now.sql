-- The links that the pageviews show which were recorded before there was a table of links.
INSERT INTO {database}.links
SELECT app, visitor_id, user_id, min(received)
FROM {database}.pageviews
WHERE user_id != 0 AND visitor_id != ''
GROUP BY app, visitor_id, user_id
