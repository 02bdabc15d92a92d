"""Local self-play jobs."""
