"""HTTP plumbing: bodies, responses, contracts, and checks of host and origin."""
