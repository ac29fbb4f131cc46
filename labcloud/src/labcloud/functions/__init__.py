"""AWS Lambda: functions, the processes that run their handlers, and Lambda's API."""
