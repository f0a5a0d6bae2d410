"""Hilo on Telegram: the edge, the dialogues, the command line, and the demo."""
