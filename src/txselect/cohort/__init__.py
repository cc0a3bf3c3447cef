"""Many patients: the same decisions as for one, made for 64 patients at a time on bit planes."""
