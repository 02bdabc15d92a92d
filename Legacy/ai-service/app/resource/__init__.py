"""What the machine can do and how busy it is."""
