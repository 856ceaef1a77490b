"""From results to what people and machines read: pure functions that return text or bytes."""
