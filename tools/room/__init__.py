"""Who of a room is how far: reads the notes of labhelpers.progress, which learners write."""
