"""What the social room does: one function for each command and reaction, in a file for each part of a post's life."""
