"""What is published of the policy."""
