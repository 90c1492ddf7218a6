"""Made-up acts, teams and halls, each as one vendor spells it and as the other does."""

from typing import NamedTuple


class Hall(NamedTuple):
    """A place under its name at SeatGeek and at Ticketmaster."""

    seatgeek: str
    ticketmaster: str
    city: str
    region: str
    region_name: str
    time_zone: str
    latitude: float
    longitude: float


class Act(NamedTuple):
    """Who performs, and the longer title under which Ticketmaster sells it."""

    name: str
    title: str
    kind: str = "concert"


_NEW_YORK, _CHICAGO = "America/New_York", "America/Chicago"
_DENVER, _LOS_ANGELES = "America/Denver", "America/Los_Angeles"

HALLS = (
    Hall("Harbor Lights Arena", "Harbor Lights Arena", "Boston", "MA", "Massachusetts",
         _NEW_YORK, 42.36, -71.05),
    Hall("The Lantern", "Lantern, The", "New York", "NY", "New York", _NEW_YORK, 40.73, -74.0),
    Hall("Meridian Theatre", "The Meridian Theater", "New York", "NY", "New York",
         _NEW_YORK, 40.75, -73.98),
    Hall("Foundry Hall", "Foundry Hall at Dock 9", "Philadelphia", "PA", "Pennsylvania",
         _NEW_YORK, 39.95, -75.14),
    Hall("Old Mill Amphitheater", "Old Mill Amphitheatre presented by Northbank", "Atlanta", "GA",
         "Georgia", _NEW_YORK, 33.76, -84.39),
    Hall("Lakefront Pavilion", "Lakefront Pavilion", "Chicago", "IL", "Illinois",
         _CHICAGO, 41.87, -87.62),
    Hall("St. Brendan's Auditorium", "Saint Brendan's Auditorium", "Chicago", "IL", "Illinois",
         _CHICAGO, 41.95, -87.66),
    Hall("Bluebonnet Center", "Bluebonnet Center", "Austin", "TX", "Texas",
         _CHICAGO, 30.27, -97.74),
    Hall("Cedar Room", "The Cedar Room - Nashville", "Nashville", "TN", "Tennessee",
         _CHICAGO, 36.16, -86.78),
    Hall("Mile High Ballroom", "Mile-High Ballroom", "Denver", "CO", "Colorado",
         _DENVER, 39.74, -104.99),
    Hall("Red Mesa Arena", "Red Mesa Arena (formerly Copper Dome)", "Phoenix", "AZ", "Arizona",
         "America/Phoenix", 33.45, -112.07),
    Hall("Sunset Bowl", "Sunset Bowl", "Los Angeles", "CA", "California",
         _LOS_ANGELES, 34.09, -118.33),
    Hall("Pacific Playhouse", "Pacific Playhouse Mainstage", "San Diego", "CA", "California",
         _LOS_ANGELES, 32.72, -117.16),
    Hall("Fogline Stadium", "Fogline Stadium", "San Francisco", "CA", "California",
         _LOS_ANGELES, 37.78, -122.39),
    Hall("Rainier Commons", "Rainier Commons", "Seattle", "WA", "Washington",
         _LOS_ANGELES, 47.6, -122.33),
    Hall("Cataract Hall", "Cataract Hall Spokane", "Spokane", "WA", "Washington",
         _LOS_ANGELES, 47.66, -117.43),
)  # fmt: skip

ACTS = (
    Act("The Paper Comets", "The Paper Comets - Long Way Round Tour"),
    Act("Juniper Vale", "Juniper Vale: Hollow Season"),
    Act("Ada Quill", "An Evening with Ada Quill"),
    Act("Night Ferry", "Night Ferry w/ special guest Tin Parade"),
    Act("Marrow & Pine", "Marrow and Pine"),
    Act("Los Faroles", "Los Faroles: Gira Norte"),
    Act("Kestrel", "KESTREL - LIVE"),
    Act("DJ Halcyon", "DJ Halcyon (18+)"),
    Act("The Brass Almanac", "The Brass Almanac 20th Anniversary Tour"),
    Act("Odile Marchetti", "Odile Marchetti in Recital"),
    Act("Glasshouse Choir", "Glasshouse Choir & Orchestra"),
    Act("Sable Harbour", "Sable Harbour - World Tour", "concert"),
    Act("The Clockmaker's Daughter", "The Clockmaker's Daughter (Touring)", "theater"),
    Act("Harrow Street", "Harrow Street - The Musical", "theater"),
    Act("Wren Ashby", "Wren Ashby: Nervous Laughter", "comedy"),
    Act("Theo Okafor", "Theo Okafor Live", "comedy"),
    Act("Boston Herons at New York Stags", "New York Stags v. Boston Herons", "sports"),
    Act("Denver Pumas at Chicago Kites", "Chicago Kites vs. Denver Pumas", "sports"),
    Act("Seattle Tides at LA Coyotes", "Los Angeles Coyotes vs. Seattle Tides", "sports"),
    Act("Austin Larks at Phoenix Scorpions", "Phoenix Scorpions vs Austin Larks", "sports"),
)
