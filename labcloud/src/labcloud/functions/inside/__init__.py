"""Files that a function's own interpreter runs. They import nothing of labcloud's."""
