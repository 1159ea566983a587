"""Every operation, each with its gradient formulas right under its forward.

An operation here is a few lines: NumPy in, NumPy out, and one formula per input (see
`differentiable`). Each family of operations has its file.
"""
