"""The scripts in `training` are run one by one, by `test_training_scripts`; most fail on purpose."""

collect_ignore = ["training"]
