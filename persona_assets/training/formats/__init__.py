"""The formats of training sets, a module for each consumer's."""
