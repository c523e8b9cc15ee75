"""The demo: a vault server that speaks the real protocol on loopback, and the sample database."""
