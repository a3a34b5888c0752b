"""An interpreter for the subset of Python that programs of thought use.

`parse` reads; `compiler` with `expressions`, `calls`, `comprehensions`, `statements`, `assignments`, `errors`
and `functions` checks the whole program and turns it into closures, so that what is not allowed is refused
before anything runs; `machine` holds a run's state; `operators`, `numbers`, `text`, `builtins`, `methods`,
`modules`, `dates` and `symbols` are the values and what may be done with them; `running` finds the answer.
"""
