"""What a page is and says: the profile format, page objects over it, and the profiles of portals."""
