"""HTTP plumbing: bodies, responses, contracts, checks of host and origin."""
