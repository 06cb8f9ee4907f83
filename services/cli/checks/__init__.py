"""The checks of `stripchart doctor`, one function for each part."""
