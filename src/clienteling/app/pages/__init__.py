"""The pages of the web app, one a file; each has a ``page`` that draws it."""
