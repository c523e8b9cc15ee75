"""One module per database product, over SQLAlchemy; a driver is imported when its engine is first opened."""
