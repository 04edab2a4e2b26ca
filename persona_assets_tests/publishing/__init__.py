"""Publishing, against a stand-in of the Hub that the tests start on loopback."""
