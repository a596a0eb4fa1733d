"""Every guard of the product, switched off alone, and the test that fails without it."""
