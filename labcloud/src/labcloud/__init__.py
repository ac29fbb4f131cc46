"""labcloud: Amazon SageMaker on your own machine; AWS's protocol, and the work really done."""
