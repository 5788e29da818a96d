"""How good Pulse is, measured on public sets beside baselines in the same run: `pulse eval`."""
