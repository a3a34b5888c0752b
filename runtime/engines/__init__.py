"""Engines: one file for each library that runs artifacts, all behind `runtime.engines.engine.Engine`."""
