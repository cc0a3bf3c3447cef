"""Boolean functions as decision diagrams, by OxiDD: equal functions are one, and what can hold is seen at once.

R. E. Bryant, IEEE Transactions on Computers 35 (1986), 677-691.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from oxidd.bdd import BDDFunction, BDDManager

Function = BDDFunction
_NODES = 1 << 24
_REMEMBERED = 1 << 16


class Diagrams:
    """Functions of variables that are made in one place; variables that belong together are to be made together.

    Operations raise `MemoryError` where functions grow beyond some 16 million nodes.

    >>> diagrams = Diagrams()
    >>> rain, umbrella = diagrams.variables(2)
    >>> wet = rain & ~umbrella
    >>> wet == diagrams.all_of([~umbrella, rain])
    True
    >>> wet.exists(umbrella) == rain
    True
    """

    def __init__(self) -> None:
        self._manager = BDDManager(_NODES, _REMEMBERED, 1)
        self.true = self._manager.true()
        self.false = self._manager.false()

    def variables(self, number: int) -> list[Function]:
        """New variables, below all others in the order."""
        return [self._manager.var(variable) for variable in self._manager.add_vars(number)]

    def all_of(self, functions: Iterable[Function]) -> Function:
        result = self.true
        for function in functions:
            result = function & result
        return result

    def any_of(self, functions: Iterable[Function]) -> Function:
        result = self.false
        for function in functions:
            result = function | result
        return result

    def one_of(self, function: Function) -> Function:
        """Some way in which a function holds, with what does not matter there left open; false if there is none."""
        return function.pick_cube_dd()

    def at_least(self, number: int, functions: Sequence[Function]) -> Function:
        """Whether so many of the functions hold.

        >>> diagrams = Diagrams()
        >>> one, two, three = diagrams.variables(3)
        >>> diagrams.at_least(2, [one, two, three]) == (one & two) | (one & three) | (two & three)
        True
        """
        counted = [self.true] + [self.false] * number
        for function in functions:
            for count in range(number, 0, -1):
                counted[count] = counted[count] | (counted[count - 1] & function)
        return counted[number]
