"""What is known of sources between two requests: who polls them, what was asked, what was said."""
