"""`python -m tillwright` is the command `tillwright`."""

from tillwright.cli import main

main()
