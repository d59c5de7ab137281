"""The database engine of the pages: Django's for SQLite, with every connection made safe by
`machine.sqlite`.
"""
