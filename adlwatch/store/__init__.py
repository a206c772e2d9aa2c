"""What has been: the last known states of all sources."""
