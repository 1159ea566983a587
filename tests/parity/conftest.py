"""Programs are read, never imported (they say `import torch`): pytest is to leave them alone."""

collect_ignore = ["programs"]
