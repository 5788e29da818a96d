"""Judges of entailment: how likely a source says what a rewritten sentence says. They only ever lower a verdict."""
