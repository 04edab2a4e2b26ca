"""The contract of a stage: what it declares, what it is given, what it returns, and when it is made again.

No stage is named here. The stages themselves are in ``persona_assets.stages``.
"""
