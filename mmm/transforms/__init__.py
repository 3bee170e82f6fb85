"""Reference formulas of the model: adstock, saturation, time bases; and the compiled kernels tested against them.

Import the module you need; nothing is loaded here, because ``graph`` alone needs PyTensor.
"""
