"""Other people's HubSpot clients, unmodified, against the sandbox: what they read must be what it holds."""
