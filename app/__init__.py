"""Command line and composition: the only place that knows every folder. `compose` builds, `commands/<name>` are thin."""
