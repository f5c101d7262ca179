-- The pageviews of some pixels in one period of 30 days. Whatever is random is a hash of whose it is.
--
-- Visits have 1 to 12 pageviews, 4 seconds to 4 minutes apart, and lie within a day, most of them around noon.
-- Three visits in five are of residents, who come back again and again, some once a month and some three times a day; the
--   others are of visitors of this period only.
-- Of a hundred visitors 5 are bots, 10 have no consent and so an id for each day, and 35 become known at some time: from
--   then on seven of ten visits say whose they are, the others and all before have to be stitched.
-- Two visits in a hundred have no id at all.
INSERT INTO heropixel.pageviews
    (app, pixel_id, timestamp, received, journal_position, event_id, user_id, visitor_id, session_id, resolution,
     matched_on, domain, url, canonical, title, referrer, user_agent, language, screen, viewport, country, region, city,
     utm_source, utm_medium, utm_campaign, consent, hostname, path, query, referrer_host, source, channel, browser,
     browser_version, os, os_version, device, bot, bot_reasons, rules)
WITH
    {visit_of} AS visit_of, {page_of} AS page_of, {channels} AS channels, {countries} AS countries,
    {languages} AS languages, {browsers} AS browsers, {systems} AS systems, {devices} AS devices,
    18446744073709551616. AS whole,
    pageviews AS
    (
        SELECT {first_pixel} + intDiv(number, {pageviews}) AS pixel, number % {pageviews} AS nth,
            intDiv(nth, 50) AS block, page_of[nth % 50 + 1] AS page,
            cityHash64('visit', pixel, {period}, block, visit_of[nth % 50 + 1]) AS visit
        FROM numbers({pixels} * {pageviews})
    ),
    visits AS
    (
        SELECT *,
            if(pixel >= {first_other} AND pixel % 2 = 0, {another_app}, {app}) AS app_of_pixel,
            intDiv(block * 50 * 30, {pageviews}) AS day,
            {period_begin} + day * 86400000
                + toUInt64((cityHash64('hour', visit) / whole + cityHash64('minute', visit) / whole) * 41400000)
                + arraySum(i -> toUInt64(4000 * pow(60, cityHash64('pause', visit, i) / whole)), range(page)) AS at,
            cityHash64('resident', visit) % 5 < 3 AS resident,
            cityHash64('visitor', pixel, if(resident, 0, {period}), if(resident,
                toUInt64(intDiv({pageviews} * 2, 25) * (pow(0.1 + 0.9 * cityHash64('who', visit) / whole, 3) - 0.001)),
                cityHash64('who', visit) % intDiv({pageviews}, 10))) AS visitor,
            channels[cityHash64('channel', visit) % 100 + 1] AS way,
            page = 0 AND way IN ('PAID_SEARCH', 'PAID_SOCIAL', 'EMAIL', 'DISPLAY', 'AFFILIATES')
                AND cityHash64('tagged', visit) % 100 < 63 AS tagged,
            toUInt32(pow(300, cityHash64('campaign', visit) / whole)) AS campaign,
            toUInt32(pow(2000, cityHash64('site', visit) / whole)) AS site,
            toUInt32(pow(5000, cityHash64('page', visit, page) / whole)) AS what
        FROM pageviews
    ),
    visitors AS
    (
        SELECT *,
            cityHash64('kind', visitor) % 100 AS kind,
            kind < 5 AS automatic,
            kind BETWEEN 5 AND 14 AS private,
            kind BETWEEN 15 AND 49
                AND at >= if(resident, {begin} + cityHash64('since', visitor) / whole * ({period_begin} - {begin} + 2592000000),
                             {period_begin} + cityHash64('since', visitor) / whole * 2592000000)
                AND cityHash64('told', visit) % 10 < 7 AS known,
            if(cityHash64('none', visit) % 50 = 0, '',
                if(private, 'daily:', '') || lower(hex(MD5(concat(toString(visitor), ' ', toString(if(private, {period} * 30 + day, 0))))))) AS id,
            cityHash64('browser', visitor) % 100 + 1 AS machine,
            toString(128 + cityHash64('version', visitor) % 14) AS version,
            toUInt32(pow(1000, cityHash64('city', visitor) / whole)) AS town,
            if(what = 1, '/', '/section-' || toString(what % 40) || '/page-' || toString(what)) AS page_path,
            if(tagged, 'utm_source=source-' || toString(site % 200) || '&utm_medium=' || lower(way)
                || '&utm_campaign=campaign-' || toString(campaign), '') AS parameters,
            'https://www.{domain}' || page_path AS address
        FROM visits
    )
SELECT
    app_of_pixel AS app,
    pixel AS pixel_id,
    fromUnixTimestamp64Milli(at, 'UTC') AS timestamp,
    fromUnixTimestamp64Milli(at + 200, 'UTC') AS received,
    ({period} * 60 + pixel) * 3000000 + nth AS journal_position,
    hex(cityHash64('event', pixel, {period}, nth)) AS event_id,
    if(known, toUInt64(app_of_pixel) * intExp2({app_shift}) + 1 + cityHash64('user', visitor) % {users}, 0) AS user_id,
    id AS visitor_id,
    if(id = '' OR private, '', hex(visit)) AS session_id,
    if(known, 'FOUND', 'NOT_KNOWN') AS resolution,
    if(known, 'MD5', '') AS matched_on,
    '{domain}' AS domain,
    address || if(parameters = '', '', '?' || parameters) AS url,
    address AS canonical,
    'Page ' || toString(what) || ' of the bench' AS title,
    multiIf(page > 0, 'https://www.{domain}/', referrer_host = '', '', 'https://' || referrer_host || '/') AS referrer,
    'Mozilla/5.0 (' || os || ' ' || os_version || ') ' || browser || '/' || browser_version AS user_agent,
    languages[town % 20 + 1] AS language,
    if(device = 'MOBILE', ['390x844', '412x915', '360x800'], ['1920x1080', '1440x900', '2560x1440'])[town % 3 + 1] AS screen,
    screen AS viewport,
    countries[town % 60 + 1] AS country,
    country || '-' || toString(town % 7) AS region,
    'City ' || toString(town) AS city,
    if(tagged, 'source-' || toString(site % 200), '') AS utm_source,
    if(tagged, lower(way), '') AS utm_medium,
    if(tagged, 'campaign-' || toString(campaign), '') AS utm_campaign,
    if(private, 'refused', 'unknown') AS consent,
    'www.{domain}' AS hostname,
    page_path AS path,
    parameters AS query,
    multiIf(page > 0, 'www.{domain}', way IN ('DIRECT', 'EMAIL'), '', 'site-' || toString(site) || '.example')
        AS referrer_host,
    if(page > 0 OR way = 'DIRECT', '', 'Source ' || toString(site % 200)) AS source,
    if(page > 0, 'INTERNAL', way) AS channel,
    browsers[machine] AS browser,
    version || '.0' AS browser_version,
    systems[machine] AS os,
    toString(10 + cityHash64('system', visitor) % 8) AS os_version,
    devices[machine] AS device,
    multiIf(NOT automatic, '', kind = 0, 'AI_AGENT', 'BOT') AS bot,
    if(automatic, ['USER_AGENT'], []) AS bot_reasons,
    '1' AS rules
FROM visitors
SETTINGS max_threads = 2, max_insert_threads = 1
