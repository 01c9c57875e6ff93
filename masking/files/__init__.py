"""Files through masking: logs, NDJSON and CSV, line by line and in constant memory."""
