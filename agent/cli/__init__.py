"""The command line: small files that parse, and behind them what each command does and shows."""
