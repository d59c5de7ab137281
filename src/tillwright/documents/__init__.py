"""What an operation looks like: receipts and pictures as plain data, and their renderers. Pure."""
