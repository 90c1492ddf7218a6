"""A month of polling, simulated: the real decisions, two vendors that misbehave, no sockets."""
