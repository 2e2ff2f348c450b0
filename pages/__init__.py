"""What people open in a browser: read, call a service, draw."""
