"""A scripted month of a shop: orders, people and faults, days in minutes, judged by the portal's ledger."""
