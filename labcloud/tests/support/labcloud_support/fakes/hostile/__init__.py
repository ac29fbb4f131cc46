"""Does what a program should not do, as its job asks."""
