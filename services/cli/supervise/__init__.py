"""The processes that `stripchart up` starts and keeps running."""
