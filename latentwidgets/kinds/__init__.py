"""One file a kind of output: how it is read off a model, and how it is drawn.

Every module that lies directly in this folder is a kind, and declares itself in a constant `KIND`;
nothing else lists it. To add a kind, add such a file here, and where the page is to show more than
an image of it, its painter ``js/src/kinds/<kind>.js``, which is built to
``static/kind_<kind>.js`` and which `KIND` names as its ``painter``. ``shared/kind.py`` says what a
kind has to give, and ``js/src/frames/kind.js`` what a painter has; how painters look is in
``js/src/frames/tiles.css``. The folders hold what kinds have in common: ``shared/`` the definition
of a kind, the table of all of them, and figures; ``reading/`` what readers need.
"""
