"""Which addresses are the public internet: a table, because `ipaddress.is_private` is wrong on many.

Source: the IANA special-purpose address registries (IPv4, IPv6) of 2025, RFC 6890 and its updates. IPv6 is
closed except for global unicast, 2000::/3, less what is reserved inside it. Forms that carry an IPv4 address
(mapped, NAT64) are judged by that address; the abandoned tunnels (6to4, Teredo, compatible) are refused whole.
"""

from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

DENIED_IPV4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud's metadata service"),
        ("169.254.0.0/16", "link-local, where clouds serve metadata"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112 sinks"),
        ("192.52.193.0/24", "multicast relays"),
        ("192.88.99.0/24", "6to4 relays"),
        ("192.168.0.0/16", "a private network"),
        ("192.175.48.0/24", "AS112 sinks"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved, with broadcast"),
    )
)

GLOBAL_IPV6 = IPv6Network("2000::/3")
MAPPED_IPV6 = IPv6Network("::ffff:0:0/96")
NAT64_IPV6 = IPv6Network("64:ff9b::/96")

DENIED_IPV6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("2001::/32", "Teredo"),
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "AS112 sinks"),
        ("3fff::/20", "documentation"),
    )
)


def why_not_public(address: Address) -> str | None:
    """Return what the address belongs to instead of the public internet, or None where it is public."""
    if isinstance(address, IPv4Address):
        return next((reason for network, reason in DENIED_IPV4 if address in network), None)
    if address in MAPPED_IPV6 or address in NAT64_IPV6:
        return why_not_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    if address not in GLOBAL_IPV6:
        return _outside_global(address)
    return next((reason for network, reason in DENIED_IPV6 if address in network), None)


def _outside_global(address: IPv6Address) -> str:
    if address.is_loopback:
        return "loopback"
    if address.is_link_local:
        return "link-local"
    if address.is_multicast:
        return "multicast"
    if address in IPv6Network("fc00::/7"):
        return "a private network"
    return "outside global unicast"


def parse_address(text: str) -> Address | None:
    """Read an IP address as `getaddrinfo` and `connect` write it (a zone id is ignored), or None for a name."""
    try:
        return IPv4Address(text)
    except AddressValueError:
        pass
    try:
        return IPv6Address(text.partition("%")[0])
    except AddressValueError:
        return None
