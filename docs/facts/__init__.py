"""The facts that the pages state, as Markdown: one module a page."""
