"""The files that ``mixwise init`` writes: commented settings, and a data template of invented rows."""
