"""What says that a woman may be in danger: her own words, and answers that an instrument marks; and whom she can call.

* Deterministic and pure: a list says yes or no, never how grave it is.
* What is found is named by the phrase's name and never by her words, so that it can be counted and judged.
"""
