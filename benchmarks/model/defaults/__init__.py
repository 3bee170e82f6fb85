"""Which form and priors should be the default? Candidates on markets of several forms that none was tuned on."""
