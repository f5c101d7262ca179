"""Which IP addresses are public: only to these may an untrusted URL make the server connect. Pure."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA's special-purpose registries, written out. Python's `is_global` depends on its version, and is true for addresses
# that lead to private ones (NAT64, 6to4).
_NOT_PUBLIC = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by the customers of a carrier; the metadata of Alibaba Cloud
        "127.0.0.0/8",
        "168.63.129.16/32",  # the platform service of Azure, for its virtual machines
        "169.254.0.0/16",  # the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # the metadata of Oracle Cloud
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",  # Teredo and other tunnels
        "2001:db8::/32",
        "2002::/16",  # 6to4: it contains an IPv4 address
        "3fff::/20",
    )
]
# All public unicast addresses. NAT64, mapped and compatible IPv4, local and link-local addresses are outside.
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")


def is_public(address: Address) -> bool:
    """Whether any machine on the internet could connect to it."""
    if isinstance(address, ipaddress.IPv6Address) and address not in _PUBLIC_IPV6:
        return False
    return not any(address in network for network in _NOT_PUBLIC if network.version == address.version)


# Addresses of a link, and those at which clouds tell a machine its secrets. No page is ever there.
_NEVER = [
    ipaddress.ip_network(text)
    for text in (
        "169.254.0.0/16",
        "100.100.100.200/32",  # Alibaba Cloud
        "168.63.129.16/32",  # Azure
        "192.0.0.192/32",  # Oracle Cloud
        "fe80::/10",
        "fd00:ec2::254/128",  # AWS
        "fd20:ce::254/128",  # Google Cloud
    )
]


def is_no_link(address: Address) -> bool:
    """Whether a page may be there at all: every address but those of a link, in whatever form of IPv6 they are."""
    forms = [address, *_inner(address)] if isinstance(address, ipaddress.IPv6Address) else [address]
    return not any(form in network for form in forms for network in _NEVER if network.version == form.version)


def _inner(address: ipaddress.IPv6Address) -> list[Address]:
    """The IPv4 address that an IPv6 address may lead to: mapped, compatible, translated, of 6to4 or of Teredo."""
    number = int(address)
    if address in _6TO4:
        return [ipaddress.IPv4Address(number >> 80 & 0xFFFFFFFF)]
    if address in _TEREDO:
        return [ipaddress.IPv4Address(~number & 0xFFFFFFFF)]
    return [] if address in _PUBLIC_IPV6 else [ipaddress.IPv4Address(number & 0xFFFFFFFF)]


_6TO4 = ipaddress.ip_network("2002::/16")
_TEREDO = ipaddress.ip_network("2001::/32")

# Ports on which browsers open no page (Fetch, section 2.9): mail, shells and other services that would misread a
# request.
_CLOSED = """
    0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123
    135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993
    995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080
"""
CLOSED_PORTS = frozenset(map(int, _CLOSED.split()))
