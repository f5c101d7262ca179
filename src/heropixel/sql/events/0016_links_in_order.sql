-- Who was linked first is decided by the order in which things happened. An imported pageview happened at its
--   timestamp; `received` is when it was imported.
ALTER TABLE {database}.links_of_pageviews MODIFY QUERY
SELECT app, visitor_id, user_id, min(least(timestamp, received)) AS linked_at
FROM {database}.pageviews
WHERE user_id != 0 AND visitor_id != ''
GROUP BY app, visitor_id, user_id
