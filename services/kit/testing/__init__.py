"""What tests of services need from the kit."""
