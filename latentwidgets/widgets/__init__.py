"""The widgets: one a file; `base` holds what all share.

What a person saves of one, or brings back, is in `saving`: pictures, films, pages and recipes. What
a notebook shows of one where no kernel runs is in `saved`. A folder holds the pieces of one widget.
"""
