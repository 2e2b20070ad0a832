"""XPrompt: joint attribution, the set of units that matter together."""
