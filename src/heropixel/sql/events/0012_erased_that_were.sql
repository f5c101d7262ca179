-- Erasing has come to remove more from a person's pageviews: this removes the same from those erased before, parts of
--   addresses and names of campaigns, in which a person can be named. See `personal` in heropixel/columns.py.
ALTER TABLE {database}.pageviews
    UPDATE hostname = domain, referrer_host = '', source = '', utm_source = '', utm_medium = '', utm_campaign = ''
    WHERE resolution = 'ERASED'
