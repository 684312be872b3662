"""`chasqui backtest`: what other rules would have told of the same journal."""
