"""Which addresses are of the public internet, whatever they are written as."""

import pytest

from conscope_app.http.public_address import is_public


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("93.184.216.34", id="of IPv4"),
        pytest.param("2606:2800:220:1::1", id="of IPv6"),
        pytest.param("::ffff:93.184.216.34", id="mapped"),
        pytest.param("64:ff9b::5db8:d822", id="by a gateway"),
        pytest.param("2002:5db8:d822::1", id="6to4"),
    ],
)
def test_addresses_of_the_public_internet(host: str) -> None:
    assert is_public(host)


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("169.254.169.254", id="a cloud's own"),
        pytest.param("::ffff:169.254.169.254", id="the same, mapped"),
        pytest.param("64:ff9b::a9fe:a9fe", id="the same, by a gateway"),
        pytest.param("2002:a9fe:a9fe::1", id="the same, by 6to4"),
        pytest.param("::a9fe:a9fe", id="the same, compatible"),
        pytest.param("64:ff9b:1::a9fe:a9fe", id="by a gateway of the network's own"),
        pytest.param("::1", id="this machine"),
        pytest.param("::", id="any of its addresses"),
        pytest.param("100.64.0.1", id="a provider's"),
        pytest.param("fec0::1", id="of a site"),
        pytest.param("fe80::1%eth0", id="of a cable"),
        pytest.param("224.0.0.1", id="of a group"),
        pytest.param("ff0e::1", id="of a group of IPv6"),
        pytest.param("example.com", id="a name"),
    ],
)
def test_addresses_that_are_not(host: str) -> None:
    assert not is_public(host)
