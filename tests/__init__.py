"""One file a module, `parity/` against PyTorch, `browser/` in a real JupyterLab.

The notebooks are tests too: nbval runs each cell and compares what it prints.
"""
