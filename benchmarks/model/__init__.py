"""Studies of the model: does it find what is true, and what does it cost?"""
