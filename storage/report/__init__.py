"""The figures for whoever reads: one page of HTML, and pictures."""
