"""Parts of the bundled test double, one package for each subsystem."""
