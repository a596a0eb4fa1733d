"""What was seen and done, kept so that others can check it: blobs, manifests, signatures, verification, export."""
