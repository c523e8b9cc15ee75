"""KeeperDB: a desktop database client whose connections come from a Keeper vault."""

__version__ = "0.1.0"
