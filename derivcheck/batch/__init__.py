"""Many submissions: finding them, grading each in a process that may die, and losing nothing that is finished."""
