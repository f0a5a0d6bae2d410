"""Reading what a woman types in Mexican Spanish: one module for each kind of answer, and one for the controls.

* Every reader is pure and total: any text gives a reading, and none raises.
* What is sure is read outright, what is likely is confirmed, and what is neither is asked again: nothing is guessed.
"""
