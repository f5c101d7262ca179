-- The evidence of earlier pageviews. Links that identify made have none: it was not kept.
INSERT INTO {database}.links (app, visitor_id, user_id, linked_at, evidence)
SELECT app, visitor_id, user_id, min(least(timestamp, received)) AS linked_at,
    max(if(matched_on = 'VISITOR_ID', 0,
        (281474976710656 - toUnixTimestamp64Milli(least(timestamp, received))) * 256
        + if(imported = 1, 3, if(startsWith(event_id, 'beacon:'), 2, 1)) * 16
        + if(resolution = 'CREATED', 2, indexOf(['EXTERNAL_ID', 'EMAIL', 'SHA256', 'SHA1', 'MD5', 'PHONE'], matched_on))
    )) AS evidence
FROM {database}.pageviews
WHERE user_id != 0 AND visitor_id != '' AND resolution != 'ERASED'
GROUP BY app, visitor_id, user_id
