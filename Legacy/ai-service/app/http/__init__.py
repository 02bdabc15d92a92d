"""The HTTP surface: routes, authorisation, client sessions."""
