"""One algorithm a file, one signature: a feasible set, an objective and a goal give a Solution."""
