"""Bytes, frames, values, messages: nothing here does I/O or knows of threads."""
