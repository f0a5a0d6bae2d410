"""The conversations of women: first contact, the check-in, and the door between them."""
