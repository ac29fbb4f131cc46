"""How code runs: the container's contract, and the engines that keep it."""
