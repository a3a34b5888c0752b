"""An interpreter for the subset of Python that programs of thought use.

`parse` reads, `expressions`, `statements`, `functions` and `comprehensions` check the whole program and turn
it into closures (what is not allowed is refused before anything runs), `machine` holds a run's state,
`operators`, `numbers`, `builtins`, `methods`, `modules`, `dates` and `symbols` are the values and what may be
done with them, `running` finds the answer.
"""
