"""What people see: pages, the player, the media and API routes."""
