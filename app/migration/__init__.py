"""From one machine to the distributed set: what must be true before, the move, and the count at its end."""
