"""The kinds of steps: what each must hold, and what it does. One module a kind, or a family."""
