"""The demo: a year of public shopping data, the people we made up for it, and the portal they would have."""
