"""What ``persona-assets doctor`` looks at, one subject in each module."""
