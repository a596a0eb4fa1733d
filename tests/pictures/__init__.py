"""What operators see of each row of the work, walked on the mock portal, judged by its ledger and drawn for docs/."""
