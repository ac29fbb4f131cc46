"""What a transform job does with the content of its objects: records, payloads, filters, joins."""
