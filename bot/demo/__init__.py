"""A local Telegram with a page to look at it: the demo's stage, and the ground that the end-to-end tests stand on."""
