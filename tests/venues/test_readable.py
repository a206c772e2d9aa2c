import logging
from collections.abc import Iterator, Mapping

import pytest

from adlwatch.domain.venue import VenueProfile
from adlwatch.venues import Readable, profiles
from adlwatch.venues.profile_toml import ProfileError


class OneBroken(Mapping[str, VenueProfile]):
    def __getitem__(self, venue: str) -> VenueProfile:
        if venue == "broken":
            raise ProfileError("broken.toml: title: required, and missing")
        return profiles()[venue]

    def __iter__(self) -> Iterator[str]:
        return iter(("broken", "binance"))

    def __len__(self) -> int:
        return 2


def test_a_broken_profile_is_as_good_as_none_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    usable = Readable(OneBroken())
    with caplog.at_level(logging.ERROR):
        assert [usable.get("broken"), usable.get("broken"), usable.get("unheard-of")] == [None, None, None]
    assert [record.message for record in caplog.records] == [
        "the profile of broken cannot be used: broken.toml: title: required, and missing"
    ]
    assert usable["binance"].id == "binance"
    assert (list(usable), len(usable)) == (["broken", "binance"], 2)
