"""Damage done at random to good files whose truth is known, and what a reader made of them."""
