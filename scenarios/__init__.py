"""The paths of the work, one file each; every file ends in a pure decision over facts."""
