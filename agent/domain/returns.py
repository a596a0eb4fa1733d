"""Names of what a case keeps about goods that go back, and about the platform's ruling."""

RETURN = "return"  # where the goods go, and by which parcel, as the order's page shows it
SHOWN = ("address", "tracking")  # of ``RETURN``, what people read
RULING = "ruling"  # what the platform has decided about a dispute
