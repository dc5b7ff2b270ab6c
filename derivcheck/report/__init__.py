"""The formats of a report, one file each over one small interface."""
