"""Files that nobody has described yet → a model file that describes them, with a question wherever that is unsure."""
