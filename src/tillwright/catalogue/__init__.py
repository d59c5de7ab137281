"""What the program's faults are called and what a person is told about them."""
