"""Says whether a tuned model is better than the base model, whichever way it comes out."""

from __future__ import annotations


def verdict(low: float, high: float, rows: int) -> str:
    """A sentence from the ends of the 95% interval of tuned minus base: the errors on test rows."""
    if high < 0:
        return f"On {rows} test rows the tuned model is better, and chance hardly explains it."
    if low > 0:
        return f"On {rows} test rows the tuned model is worse, and chance hardly explains it."
    return f"Zero lies between the two: {rows} test rows cannot say which model is better."
