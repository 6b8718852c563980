"""Read a review's sheets, check them, and say everything that is wrong with them at once."""
