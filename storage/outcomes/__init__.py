"""What the answers amount to: outcomes derived from them by dated, versioned rules."""
