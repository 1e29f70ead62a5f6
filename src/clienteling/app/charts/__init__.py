"""The charts of the web app, in Altair: the segments have the colours that they have everywhere."""
