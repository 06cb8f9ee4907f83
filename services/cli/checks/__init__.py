"""What `stripchart doctor` looks at, part by part."""
