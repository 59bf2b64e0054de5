"""The house rules that no linter knows: each takes the tree of files and returns the places that break it, in plain words."""

from __future__ import annotations

from tests.house.code import (
    core_data_never_changes,
    core_is_pure,
    exceptions_are_explained,
    functions_are_short,
    one_clock,
    public_functions_are_explained,
    tests_are_honest,
)
from tests.house.files import files_are_short, names_mean_something, names_no_registry_and_no_machine, nothing_is_left_for_later, says_what_it_is_for
from tests.house.sources import Rule

RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        says_what_it_is_for,
        files_are_short,
        names_mean_something,
        names_no_registry_and_no_machine,
        nothing_is_left_for_later,
        functions_are_short,
        core_is_pure,
        core_data_never_changes,
        one_clock,
        tests_are_honest,
        public_functions_are_explained,
        exceptions_are_explained,
    )
}
