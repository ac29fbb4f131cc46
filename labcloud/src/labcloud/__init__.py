"""labcloud: the part of Amazon SageMaker that the labs need, really executed on this machine."""

__version__ = "0.1.0"
