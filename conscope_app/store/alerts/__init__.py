"""What was found and told, read for people: the newest first, in pages, by what is asked."""
