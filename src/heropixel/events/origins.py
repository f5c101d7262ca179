"""The one place that decides which pageviews say where a visit came from: from outside, and from where. In SQL; pure.

The origin of a visit is what its first pageview says that came from elsewhere. Where there is none, it is what the
first one says that came directly. Where all came from the site itself, the visit has no origin: its beginning is not
there.
"""

from typing import Final

INTERNAL: Final = "INTERNAL"  # the channels of pageviews that do not say where a visit came from; see enrichment
DIRECT: Final = "DIRECT"

# A link of the site to itself may have campaign parameters all the same. The registrable domains are those that the
# engine knows: right for `.com` and `.co.uk`, wrong for `github.io`, where it takes two sites for one, and empty for
# hosts without a dot, such as `localhost`. They are hashed since the columns have dictionaries: each host is read once.
_OWN_LINK: Final = (
    "referrer_host != '' AND cityHash64(cutToFirstSignificantSubdomain(referrer_host))"
    " = cityHash64(cutToFirstSignificantSubdomain(hostname))"
)

# Whether a pageview came from the site itself, or else directly; the others came from elsewhere.
FROM_INSIDE: Final = f"(channel = '{INTERNAL}' OR ({_OWN_LINK}))"
DIRECTLY: Final = f"(channel = '{DIRECT}')"
