"""What can be connected to: profiles, the local store, pasted addresses."""
