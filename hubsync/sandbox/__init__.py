"""A HubSpot on your own machine: real HTTP, the same paths, limits and errors; it imports nothing of hubsync."""
