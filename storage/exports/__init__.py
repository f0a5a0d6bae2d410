"""What leaves the store for analysts: coded values under pseudonyms, never a name or anybody's own words."""
