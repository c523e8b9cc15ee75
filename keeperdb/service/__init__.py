"""Service mode: the commands over REST, with its access control, queue and configuration."""
