-- Pageviews are evidence of links as before, except those of a browser that was taken from this user.
--   By which identifier a pageview shows the link is kept with it. One that was found by the browser shows nothing.
ALTER TABLE {database}.links_of_pageviews MODIFY QUERY
SELECT app, visitor_id, user_id, min(least(timestamp, received)) AS linked_at,
    max(if(matched_on = 'VISITOR_ID', 0,
        (281474976710656 - toUnixTimestamp64Milli(least(timestamp, received))) * 256
        + if(imported = 1, 3, if(startsWith(event_id, 'beacon:'), 2, 1)) * 16
        + if(resolution = 'CREATED', 2, indexOf(['EXTERNAL_ID', 'EMAIL', 'SHA256', 'SHA1', 'MD5', 'PHONE'], matched_on))
    )) AS evidence
FROM {database}.pageviews
WHERE user_id != 0 AND visitor_id != '' AND unlinked_from = 0
GROUP BY app, visitor_id, user_id
