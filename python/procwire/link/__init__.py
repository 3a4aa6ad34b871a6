"""Where the bytes come from and go to."""
