"""Two people code the same studies: how far they agree, what it changes, and who decided what."""
