"""What the benchmarks share: the model they measure, tables and targets, the arithmetic floor."""
