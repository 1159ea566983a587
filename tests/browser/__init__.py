"""The notebooks as a reader meets them: a real JupyterLab in a real browser.

    lab.py          a JupyterLab of its own, started by the command `autograd-core lab`
    chromium.py     where a browser is found, and how to get one
    pages.py        what a reader does on a page: open a notebook, run it all, step the player

To look at the pages yourself: `python -m tests.browser.screenshots --help`.
"""
