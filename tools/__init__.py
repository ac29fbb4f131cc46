"""What those who maintain the course run: notebooks without a browser, generated pages."""
