"""The door to HubSpot: the only room that knows its client."""
