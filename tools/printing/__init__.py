"""What an instructor hands out or shows: sheets, slides, a checklist, and pages with solutions."""
