"""What stages have made for later ones, kept in memory as long as another stage still takes it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from persona_assets.stage.code import StageCode
from persona_assets.stage.context import Product, StageContext


@dataclass
class Shelf:
    """The products of one key that are in memory."""

    _there: dict[Product[Any], Any] = field(default_factory=dict)
    _takers: Counter[Product[Any]] = field(default_factory=Counter)

    def expect(self, codes: Sequence[StageCode]) -> None:
        """Say which stages will be made or checked, so that nothing is kept after the last stage that takes it."""
        self._takers = Counter(product for code in codes for product in {*code.takes, *code.check_takes})

    def take(self, products: Sequence[Product[Any]], context: StageContext[Any]) -> list[Any]:
        """Return the products, after loading from disk those that are not in memory.

        Raises:
            MissingInputError, InconsistentOutputError: one cannot be loaded.
        """
        for product in products:
            if product not in self._there:
                self._there[product] = product.load(context)
        return [self._there[product] for product in products]

    def renew(self, stage: str, products: Mapping[Product[Any], Any]) -> None:
        """Replace what ``stage`` made before. Its other products are loaded from disk when next taken."""
        self._there = {product: value for product, value in self._there.items() if product.stage != stage}
        self._there |= {product: value for product, value in products.items() if self._takers[product] > 0}

    def done_with(self, code: StageCode) -> None:
        """Drop what no later stage takes."""
        self._takers.subtract({*code.takes, *code.check_takes})
        self._there = {product: value for product, value in self._there.items() if self._takers[product] > 0}
