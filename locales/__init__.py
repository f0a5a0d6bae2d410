"""What Hilo says to people, by language: the catalogues, their loader and their check."""
