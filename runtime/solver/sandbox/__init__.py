"""The process tier: thoughts are solved in a warm, isolated worker, and the parent kills it at the deadline.

`frames` is what crosses the socket, `worker` the child's side, `host` the parent's, `lockdown` (`limits`,
`landlock`, `seccomp`) what the child gives up before it reads its first request.
"""
