"""Which addresses are the own machine's."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether a name or address is the own machine's."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
