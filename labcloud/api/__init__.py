"""What AWS says: one file a resource. What then happens is in labcloud.jobs."""
