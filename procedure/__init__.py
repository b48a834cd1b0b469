"""The procedure as data and the pure machine that moves a case through it: no I/O, no clock."""
