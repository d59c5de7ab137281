"""The base of all pages: layout, components, styles, languages, sign-in, errors, the live strip."""
